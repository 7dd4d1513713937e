"""What bin/on starts on each host to read its logs: a line of JSON in, lines of JSON out. It ends when its input does.

In: {"sources": [{"glob", "program", "only"}], "programs": pattern, "since": epoch, "needles": [...], "follow": bool}.
Out: [time, program, line] in order of time; "over" when what was there has been told; then, where it follows, what
comes, and "idle" at least once a second.
"""

from __future__ import annotations

import glob
import heapq
import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator

from log_files import Log

PAUSE = 0.25
#: Seconds by which a line may stand behind one that is younger.
SLACK = 2.0
#: The release's id, and the number of a program that came back while it drained, are left out of a program's name.
RELEASE = re.compile(r"-\d{14}-[0-9a-f]{7}(-[0-9a-f]+)?(\.\d+)?")


def say(what) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")


def logs(asked: dict) -> dict[str, Log]:
    """Return the logs that are there, by path."""
    wanted, found = re.compile(asked["programs"]), {}
    for source in asked["sources"]:
        for path in sorted(glob.glob(source["glob"])):
            stem = os.path.splitext(os.path.basename(path))[0]
            program = RELEASE.sub("", source["program"].replace("*", stem))
            if wanted.search(program):
                found.setdefault(path, Log(program, path, source.get("only", "")))
    return found


def told(asked: dict, line: str) -> bool:
    """Return whether a line has one of the needles, or none was asked for."""
    return not asked["needles"] or any(needle in line for needle in asked["needles"])


def stream(log: Log, since: float) -> Iterator[tuple[float, str, str]]:
    """Yield what to say of a log, in order: processes that share one write a little out of it."""
    waiting: list[tuple[float, int, str]] = []
    for number, (when, line) in enumerate(log.history(since)):
        heapq.heappush(waiting, (when, number, line))
        while waiting[0][0] < when - SLACK:
            when_first, _, first = heapq.heappop(waiting)
            yield when_first, log.program, first
    for when, _, line in sorted(waiting):
        yield when, log.program, line


def history(asked: dict, known: dict[str, Log]) -> None:
    """Say what is there already."""
    for entry in heapq.merge(*(stream(log, asked["since"]) for log in known.values()), key=lambda entry: entry[0]):
        if told(asked, entry[2]):
            say(entry)
    say("over")
    sys.stdout.flush()


def follow(asked: dict, known: dict[str, Log]) -> None:
    """Say what comes, until nobody listens; a program that comes later is found."""
    looked = spoken = time.monotonic()
    while True:
        found = [(when, log.program, line) for log in known.values() for when, line in log.fresh()]
        for entry in sorted(found, key=lambda entry: entry[0]):
            say(entry)
        now = time.monotonic()
        if not found and now - spoken > 1:
            say("idle")
            found = True
        if found:
            spoken = now
            sys.stdout.flush()
        if now - looked > 2:
            looked, known = now, logs(asked) | known
        time.sleep(PAUSE)


def main() -> None:
    asked = json.loads(sys.stdin.readline())
    # Whoever asked has gone: without this a reader would stay on the host for ever.
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    known = logs(asked)
    try:
        history(asked, known)
        if asked["follow"]:
            follow(asked, known)
    except BrokenPipeError:
        os._exit(0)
