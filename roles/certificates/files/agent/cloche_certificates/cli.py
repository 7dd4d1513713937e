"""cloche-certificates VERB …: what Ansible, certbot's timer and certbot itself call. Answers in one line of JSON.

  prepare              a pair for each certificate, if only one that stands in
  pending NAME…        which of them have to be asked for, and why; asks nobody
  issue NAME…          ask for those
  renew                all of this host that are due; the timer's
  deploy NAME          let the web server take the newest pair; certbot's hook
  remove NAME…         forget certificates and their keys

Ends with 1 where anything failed: {"changed": …, "failed": {name: reason}}.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from .keeper import Failure, Keeper
from .places import NAME, Places

#: Where certbot runs, one at a time: the timer may have begun when somebody sets the host up.
EXCLUSIVE = ("issue", "renew", "remove")


def main(arguments: list[str], places: Places | None = None) -> int:
    """Run a verb and print its answer; return the exit code, 2 for a call that is not understood."""
    places = places or Places()
    verb, names = (arguments or [""])[0], arguments[1:]
    if verb not in VERBS or not all(NAME.fullmatch(name) for name in names):
        print(__doc__)
        return 2
    os.umask(0o022)
    keeper = Keeper(places, places.settings(), places.wanted())
    with _alone(places) if verb in EXCLUSIVE else _beside():
        answer = VERBS[verb](keeper, names)
    print(json.dumps(answer, sort_keys=True))
    return 1 if answer.get("failed") else 0


def _prepare(keeper: Keeper, names: list[str]) -> dict:
    return {"changed": keeper.prepare()}


def _pending(keeper: Keeper, names: list[str]) -> dict:
    lacking = {name: keeper.lacking(name) for name in names if name in keeper.wanted}
    return {"pending": {name: why for name, why in lacking.items() if why}}


def _issue(keeper: Keeper, names: list[str]) -> dict:
    return _each(keeper.ensure, (name for name in names if name in keeper.wanted))


def _renew(keeper: Keeper, names: list[str]) -> dict:
    return _each(
        lambda name: keeper.renew(name) if name in keeper.wanted else keeper.renew_others(),
        [*keeper.wanted, "(others)"],
    )


def _deploy(keeper: Keeper, names: list[str]) -> dict:
    return _each(keeper.deploy, names)


def _remove(keeper: Keeper, names: list[str]) -> dict:
    return _each(keeper.remove, names)


def _each(step: Callable[[str], object], names: Iterable[str]) -> dict:
    """Take a step for each name, whatever becomes of the others."""
    changed, failed = [], {}
    for name in names:
        try:
            if step(name):
                changed.append(name)
        except Failure as failure:
            failed[name] = str(failure)
    return {"changed": changed, "failed": failed}


VERBS = {
    "prepare": _prepare, "pending": _pending, "issue": _issue, "renew": _renew, "deploy": _deploy, "remove": _remove,
}  # fmt: skip


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    places.state.mkdir(parents=True, exist_ok=True)
    with (places.state / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _beside() -> Iterator[None]:
    yield
