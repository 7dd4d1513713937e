"""Which services are reached from other hosts, and the authority by which their hosts are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils

# As plugins/filter/applications.py does it, and for the same reason.
_MODULE_UTILS = str(Path(__file__).resolve().parent.parent / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.host_certificates import authority_certificate, authority_key  # noqa: E402

#: The directory of the role `pki`.
_PLACE = "/etc/cloche/tls"
_SERVICES = ("postgres", "rabbitmq", "redis")
_PROGRAMS = ("web", "worker", "beat", "flower")


def between_hosts(groups: dict[str, list[str]]) -> dict[str, bool]:
    """Return by service whether it and the programs that use it are on more than one host."""
    programs = {host for group in _PROGRAMS for host in groups.get(group) or []}
    services = {service: set(groups.get(service) or []) for service in _SERVICES}
    return {service: bool(hosts) and len(hosts | programs) > 1 for service, hosts in services.items()}


def host_pair(on: bool, owner: str) -> dict[str, str]:
    """Return where `cert`, `key` and `ca` lie on a host for a user, or nothing where there is no TLS."""
    return {"cert": f"{_PLACE}/host.pem", "key": f"{_PLACE}/{owner}.key", "ca": f"{_PLACE}/ca.pem"} if on else {}


class FilterModule:
    """Offer the functions above to templates under their own names."""

    def filters(self) -> dict[str, Any]:
        named = (authority_certificate, authority_key, between_hosts, host_pair)
        return {function.__name__: function for function in named}
