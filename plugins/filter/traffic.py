"""Who talks to whom on which port, for the firewall and for the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleFilterError

_PLUGINS = Path(__file__).resolve().parent.parent
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if str(_PLUGINS / "module_utils") not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(_PLUGINS / "module_utils"))

from ansible.module_utils import traffic as core  # noqa: E402


def traffic_flows(groups: dict[str, list[str]], ports: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the connections of an environment, see module_utils/traffic/flows, as mappings."""
    return [{**flow._asdict(), "ports": list(flow.ports)} for flow in core.flows(groups, ports)]


def traffic_doors(
    found: list[dict[str, Any]], host: str, groups: dict[str, list[str]], addresses: dict[str, str]
) -> list[dict[str, Any]]:
    """Return what a host lets in, ssh apart, see module_utils/traffic/ports; an error names who has no address."""
    try:
        doors = core.opened(_flows(found), host, groups, addresses)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from None
    return doors


def traffic_picture(
    found: list[dict[str, Any]], title: str, groups: dict[str, list[str]], addresses: dict[str, str]
) -> str:
    """Return the hosts, their services and the connections between them as an SVG document."""
    return core.picture(title, groups, addresses, _flows(found))


def _flows(found: list[dict[str, Any]]) -> list[core.Flow]:
    return [core.Flow(**{**flow, "ports": tuple(flow["ports"])}) for flow in found]


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        named = (traffic_flows, traffic_doors, traffic_picture)
        return {function.__name__: function for function in named}
