"""Turn the inventory's applications into complete definitions, or into the list of what is wrong with them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import ansible.module_utils
import yaml
from ansible.errors import AnsibleFilterError
from ansible.template import accept_lazy_markers
from jinja2 import Undefined

_PLUGINS = Path(__file__).resolve().parent.parent
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if str(_PLUGINS / "module_utils") not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(_PLUGINS / "module_utils"))

from ansible.module_utils import applications as core  # noqa: E402
from ansible.module_utils.applications.problems import Problem, Unresolved  # noqa: E402

SPEC = _PLUGINS.parent / "roles" / "app" / "meta" / "argument_specs.yml"


@cache
def definition_options() -> dict[str, Any]:
    """Return the schema of apps/<app>.yml: name of the key to its option."""
    # The C loader: each task that judges applications reads this anew, and the Python one takes 20 ms.
    return yaml.load(SPEC.read_text(), Loader=yaml.CSafeLoader)["argument_specs"]["definition"]["options"]


@accept_lazy_markers
def complete_applications(applications: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the complete definitions, sorted by name, keys without `app_`; an error names what is wrong."""
    try:
        return core.complete_applications(_plain(applications), definition_options())
    except core.InvalidApplication as error:
        raise AnsibleFilterError(str(error)) from None


@accept_lazy_markers
def application_problems(applications: dict[str, Any], facts: dict[str, Any]) -> list[Problem]:
    """Return what is wrong as [{variable, value, remedy}]; the facts are described in module_utils/applications."""
    return core.application_problems(_plain(applications), definition_options(), _facts(facts))


@accept_lazy_markers
def unreadable_problems(variables: dict[str, Any]) -> list[Problem]:
    """Return a problem for each variable whose template cannot be rendered, as with a file that is not there."""
    return [
        {"variable": name, "value": "(unreadable)", "remedy": "put the file where this variable looks for it"}
        for name, value in _plain(variables).items()
        if isinstance(value, Unresolved)
    ]


@accept_lazy_markers
def timeout_chain(app: dict[str, Any], facts: dict[str, Any]) -> list[list[Any]]:
    """Return [what, seconds] pairs of a complete definition, each chain in rising order."""
    return core.ladder(_plain(app), _facts(facts))


@accept_lazy_markers
def timeout_lines(applications: dict[str, Any], facts: dict[str, Any]) -> list[str]:
    """Return the timeout chains of all applications for display: `shop: worker slow: task limit: 900 s`."""
    ladders = {app["name"]: timeout_chain(app, facts) for app in complete_applications(applications)}
    return [f"{name}: {what}: {seconds} s" for name, steps in ladders.items() for what, seconds in steps]


def _facts(facts: dict[str, Any]) -> dict[str, Any]:
    plain = _plain(facts)
    for name, value in plain.items():
        if isinstance(value, Unresolved):
            raise AnsibleFilterError(f"the fact {name} is missing: {value.reason}")
    # `-e name=value` makes a string of every number.
    return plain | {name: int(value) for name, value in plain.items() if name in core.NUMBERS}


def _plain(value: Any) -> Any:
    """Render lazy containers through; what cannot be rendered becomes Unresolved instead of an exception."""
    if isinstance(value, Undefined):
        return Unresolved(_reason(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _reason(marker: Undefined) -> str:
    kind = type(marker).__name__
    if kind == "UndefinedMarker":
        return f"{marker._undefined_message}: define it, a secret in group_vars/all/vault.yml"
    if "Vault" in kind:
        return "encrypted, and no given vault password fits: see ansible-playbook --vault-password-file"
    # The message of a failed template may quote values.
    return "its template cannot be rendered: correct it"


class FilterModule:
    """Offer the filters to templates."""

    def filters(self) -> dict[str, Any]:
        return {
            "application_problems": application_problems,
            "complete_applications": complete_applications,
            "timeout_chain": timeout_chain,
            "timeout_lines": timeout_lines,
            "unreadable_problems": unreadable_problems,
        }
