"""What the role `certificates` writes and asks for, and what is wrong with certificates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.template import accept_lazy_markers
from jinja2 import Undefined

_MODULE_UTILS = Path(__file__).resolve().parent.parent / "module_utils"
# Ansible ships a project's module_utils to hosts, but does not offer them to its own plugins.
if str(_MODULE_UTILS) not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(str(_MODULE_UTILS))

from ansible.module_utils.applications import certificates as core  # noqa: E402

Wanted = list[dict[str, Any]]
#: What the role `certificates` keeps of each application, on hosts that browsers reach.
ACME = "/var/lib/cloche/certificates"


def acme_certificates(applications: list[dict[str, Any]], source: str) -> Wanted:
    """Return ``{name, domains}`` of the complete definitions whose sites have a certificate by ACME.

    `source` is the environment's, `pair` or `acme`.
    """
    using = [app for app in applications if core.uses_acme(app, source)]
    return [{"name": app["name"], "domains": app["domains"]} for app in using]


def certificate_place(app: dict[str, Any], source: str, texts: str) -> dict[str, str]:
    """Return where a site's pair lies on a host that browsers reach, and how ACME went.

    Empty for the environment's pair. `texts` is where each application whose pair is PEM text has a directory.
    """
    own = app["certificate"] or {}
    if core.uses_acme(app, source):
        state = f"{ACME}/{app['name']}"
        pair = {"certificate": f"{state}/serving/fullchain.pem", "key": f"{state}/serving/privkey.pem"}
        return pair | {"outcome": f"{state}/outcome.json"}
    if own.get("certificate_content"):
        directory = f"{texts}/{app['name']}"
        return {"certificate": f"{directory}/certificate.pem", "key": f"{directory}/key.pem", "outcome": ""}
    return {"certificate": own.get("certificate") or "", "key": own.get("key") or "", "outcome": ""}


def served_certificates(sites: list[dict[str, Any]], source: str, default: str, texts: str) -> list[dict[str, str]]:
    """Return ``{path, outcome}`` of each certificate that the sites show, once; `default` is the environment's."""
    places = [certificate_place(app, source, texts) for app in sites]
    served = {place["certificate"] or default: place["outcome"] for place in places}
    return [{"path": path, "outcome": outcome} for path, outcome in served.items()]


def certificate_files(wanted: Wanted, directory: str) -> list[dict[str, str]]:
    """Return ``{path, content}`` of the file that tells a host of each certificate, for managed_files."""
    return [
        {"path": f"{directory}/{entry['name']}.json", "content": json.dumps({"domains": entry["domains"]}) + "\n"}
        for entry in wanted
    ]


def lacking_certificates(wanted: Wanted, said: str) -> Wanted:
    """Return those that `cloche-certificates pending` has named; none where it is not there yet, as in check mode."""
    try:
        names = json.loads(said)["pending"]
    except (ValueError, TypeError, KeyError):
        names = {}
    return [entry for entry in wanted if entry["name"] in names]


def unissued_certificates(wanted: Wanted, outcomes: str, directory: str) -> Wanted:
    """Return those that a host has not been issued yet, with these names, by this directory.

    `outcomes` has a line of JSON for each certificate that was ever asked for on the host.
    """
    issued = {}
    for line in filter(None, outcomes.split("\n")):
        try:
            known = json.loads(line)
            issued[known["name"]] = (known["issued"], sorted(known["domains"]), known["directory"])
        except (ValueError, TypeError, KeyError):
            continue
    return [entry for entry in wanted if issued.get(entry["name"]) != (True, sorted(entry["domains"]), directory)]


def certificate_failures(said: str, complaint: str) -> list[str]:
    """Return a line for each certificate that `cloche-certificates issue` could not get."""
    try:
        failed = json.loads(said)["failed"]
    except (ValueError, TypeError, KeyError):
        return [line for line in complaint.splitlines() if line][-1:]
    return [f"{name}: {why}" for name, why in sorted(failed.items())]


@accept_lazy_markers
def environment_pair_problems(pair: dict[str, Any], names: list[str]) -> list[dict[str, str]]:
    """Return what is wrong with a pair for the sites that use it; none for no pair.

    `pair` has the two variables, of nginx or of balancers: `…_certificate_content` and `…_certificate_key_content`.
    What cannot be read is another filter's business, what has only one half the role's.
    """
    prefix = next(iter(pair)).partition("_")[0]
    certificate, key = (pair[f"{prefix}_certificate_{half}content"] for half in ("", "key_"))
    if any(isinstance(half, Undefined) for half in (certificate, key)) or not (certificate and key):
        return []
    found = core.pair_problems("{}", certificate, key, names)
    variables = {"certificate": f"{prefix}_certificate_content", "key": f"{prefix}_certificate_key_content"}
    return [entry | {"variable": variables[entry["variable"]]} for entry in found]


@accept_lazy_markers
def default_domains(applications: dict[str, Any], source: str) -> list[str]:
    """Return the domains of the definitions (as written) whose sites show the environment's pair."""
    if source != "pair":
        return []
    sites = (app for app in applications.values() if isinstance(app, dict) and not app.get("app_certificate"))
    return [domain for app in sites for domain in app.get("app_domains") or [] if isinstance(domain, str)]


class FilterModule:
    """Offer the filters to templates."""

    def filters(self) -> dict[str, Any]:
        return {
            "account_problems": core.account_problems,
            "acme_certificates": acme_certificates,
            "certificate_place": certificate_place,
            "certificate_failures": certificate_failures,
            "certificate_files": certificate_files,
            "default_domains": default_domains,
            "environment_pair_problems": environment_pair_problems,
            "lacking_certificates": lacking_certificates,
            "served_certificates": served_certificates,
            "unissued_certificates": unissued_certificates,
        }
