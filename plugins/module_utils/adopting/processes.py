"""The environments of an application's processes, as lines of its definition."""

from __future__ import annotations

import re

from .findings import Definition, Guess
from .wiring import Wiring

_SETTINGS = "DJANGO_SETTINGS_MODULE"
_DIRECTORY = re.compile(r"(DIR|DIRECTORY|FOLDER|ROOT)$")


def say_environments(
    say: Definition, wiring: Wiring, base: str, settings: Guess | None, celery_settings: Guess | None
) -> None:
    """Add what a wiring gives; ``base`` is where modules are imported from, relative to the source."""
    values: dict[str, tuple[str, str]] = {}
    if settings:
        values[_SETTINGS] = (settings.value, settings.reason)
    if base:
        values["PYTHONPATH"] = (base, f"modules are imported from {base}/")
    values |= wiring.environment
    _make_directories(say, [value for name, (value, _) in wiring.environment.items() if _DIRECTORY.search(name)])
    if values or wiring.asked:
        say.set("app_environment", _guess(values) if values else Guess({}, "what is asked for below"))
        say.questions_in("app_environment", wiring.asked)
    if celery_settings:
        say.set("app_celery_environment", Guess({_SETTINGS: celery_settings.value}, celery_settings.reason))
    for key, given in (("app_environment_map", wiring.names), ("app_secret_environment", wiring.secrets)):
        if given:
            say.set(key, _guess(given))
    say.notes.extend(variable.told() for variable in wiring.optional)


def _make_directories(say: Definition, places: list[str]) -> None:
    """Make the directories below the application's shared one that a project expects to be there."""
    shared = sorted({place for place in places if place.startswith("/srv/")})
    if shared:
        hooks = say.entries.get("app_hooks", Guess({}, ""))
        prepare = [f"mkdir -p {' '.join(shared)}", *hooks.value.get("prepare", [])]
        reason = "; ".join(filter(None, ["prepare: the directories in app_environment", hooks.reason]))
        say.set("app_hooks", Guess({**hooks.value, "prepare": prepare}, reason))


def _guess(given: dict[str, tuple[str, str]]) -> Guess:
    """Return values by name, with the reasons of all; ``given`` is name to (value, reason)."""
    reasons = "; ".join(f"{name}: {reason}" for name, (_, reason) in given.items())
    return Guess({name: value for name, (value, _) in given.items()}, reasons)
