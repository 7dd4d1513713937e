"""Bring another version to compose/production without a failed request or a lost task, or go back to the one before.

Forward: build, migrate, workers, web, beat and Flower; back: web first, so that no old worker meets a new task. What
fails before the switch leaves everything as it was.
"""

from __future__ import annotations

import argparse
import fcntl
import subprocess
import sys
import time

import settings
from containers import PROJECT, DeployError, Stack
from handover import hand_over_singles, hand_over_web, hand_over_workers
from progress import say

LATEST = "cloche/garden:latest"


def build(repository: str) -> str:
    """Build the checkout; return the image's name, which tells time and revision."""
    revision = subprocess.run(
        ["git", "rev-parse", "--short=7", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    image = f"{repository}:{time.strftime('%Y%m%d%H%M%S', time.gmtime())}-{revision.stdout.strip() or 'source'}"
    Stack(image).compose("build", "--quiet", "migrate")
    say(f"{image}: built")
    return image


def forward(image: str, current: str) -> None:
    """Build, migrate, then workers before web: no web process publishes a task that no worker knows."""
    stack = Stack(image)
    stack.compose("run", "--rm", "--no-deps", "migrate")
    say("migrated")
    hand_over_workers(stack)
    try:
        hand_over_web(stack)
    except DeployError:
        say(f"web does not come up; the workers go back to {current}")
        hand_over_workers(Stack(current))
        raise
    hand_over_singles(stack)


def back(image: str, insist: bool) -> None:
    """Web first, workers last; refused where the database is ahead of the image."""
    stack = Stack(image)
    ahead = stack.agent("check", "--manage", "manage.py", "--celery", "config")["ahead"]
    if ahead and not insist:
        raise DeployError(
            f"the database has migrations that {image} does not know: {', '.join(ahead)}; --insist goes on"
        )
    hand_over_web(stack)
    hand_over_singles(stack)
    hand_over_workers(stack)


def deploy(options: argparse.Namespace) -> None:
    """Release; afterwards .env names what runs and what ran before."""
    found = settings.read()
    current, previous = found.get("APP_IMAGE", LATEST), found.get("PREVIOUS_IMAGE")
    if not Stack(current).containers("web"):
        raise DeployError("the stack does not run: make compose-up COMPOSE=production starts it")
    if options.rollback:
        if not previous:
            raise DeployError("there is no version before this one")
        image = previous
        back(image, options.insist)
    else:
        image = build(current.rpartition(":")[0])
        forward(image, current)
    settings.write(APP_IMAGE=image, PREVIOUS_IMAGE=current)
    say(f"{image} is live; before: {current}")


def main() -> int:
    """Return 0, or 1 where the old version goes on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rollback", action="store_true")
    parser.add_argument("--insist", action="store_true", help="go back although the database is ahead")
    options = parser.parse_args()
    with (settings.HOME / ".deploy.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("compose-deploy: another deploy is under way", file=sys.stderr)
            return 1
        try:
            deploy(options)
        except DeployError as error:
            print(f"compose-deploy: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
