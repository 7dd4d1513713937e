"""Where a site's certificate comes from: files on the web hosts, PEM text, ACME, or what the environment has."""

from __future__ import annotations

import datetime
import re
from typing import Any

from .problems import Problem, problem

#: Of app_certificate: both keys of a pair, and what its second half is.
PAIRS = {"certificate": "key", "certificate_content": "key_content"}
_ABSOLUTE = re.compile(r"(/[\w.~@+-]+)+", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WILDCARD = "no challenge over HTTP proves a wildcard: name the hosts, or give a pair in app_certificate"


def given_certificate(app: dict[str, Any]) -> dict[str, Any]:
    """Return what a complete definition's app_certificate says, without defaults."""
    return {key: value for key, value in (app["certificate"] or {}).items() if value not in (None, False)}


def certificate_problems(app: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with app_certificate of a complete definition."""
    given = given_certificate(app)
    if app["certificate"] is not None and not given:
        return [problem("app_certificate", "", "say certificate and key, their contents or acme; or omit it")]
    sources = [
        keys for keys in ({"certificate", "key"}, {"certificate_content", "key_content"}, {"acme"}) if keys & set(given)
    ]
    if len(sources) > 1:
        return [problem("app_certificate", " ".join(sorted(given)), "give a pair of paths, a pair of contents or acme")]
    found = [_missing(half) for pair in PAIRS.items() for half in pair if set(pair) & set(given) and half not in given]
    remedy = "give the path of a file on the web hosts, such as /etc/ssl/shop/fullchain.pem"
    paths = {key: given[key] for key in ("certificate", "key") if key in given}
    found += [
        problem(f"app_certificate.{k}", path, remedy) for k, path in paths.items() if not _ABSOLUTE.fullmatch(path)
    ]
    return found + (_pair(app, given) if len(given) == 2 and not found and "key_content" in given else [])


def _missing(key: str) -> Problem:
    words = {"certificate": "Path of the certificate", "key": "Path of its private key"}
    return problem(f"app_certificate.{key}", None, f"add it: {words.get(key, 'PEM text, best from the vault')}")


def _pair(app: dict[str, Any], given: dict[str, Any]) -> list[Problem]:
    return pair_problems(
        "app_certificate.{}_content", given["certificate_content"], given["key_content"], app["domains"]
    )


def pair_problems(variables: str, certificate: str, key: str, names: list[str]) -> list[Problem]:
    """Return what is wrong with PEM texts; `variables` names them, `certificate` or `key` in its braces."""
    # Only the controller has the library.
    from ansible.module_utils.pem_pair import pair_faults

    faults = pair_faults(certificate, key, names, datetime.datetime.now(datetime.UTC))
    return [{"variable": variables.format(what), "value": value, "remedy": remedy} for what, value, remedy in faults]


def uses_acme(app: dict[str, Any], source: str) -> bool:
    """Return whether a complete definition's site has its certificate by ACME; `source` is the environment's."""
    return bool(app["domains"]) and (
        source == "acme" if app["certificate"] is None else bool(app["certificate"].get("acme"))
    )


def acme_rules(apps: dict[str, dict[str, Any]], account: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with the applications (place -> complete definition) that use ACME, and with its account."""
    using = {where: app["domains"] for where, app in apps.items() if uses_acme(app, account["source"])}
    found = [
        problem(f"{where}app_domains", d, _WILDCARD) for where, names in using.items() for d in names if d[:2] == "*."
    ]
    return found + (account_problems(account) if using else [])


def account_problems(account: dict[str, Any]) -> list[Problem]:
    """Return what is wrong with the account (directory, email, terms_agreed) that certificates are asked for with."""
    found = []
    if not str(account["directory"]).startswith("https://"):
        found.append(
            problem("certificates_directory", account["directory"], "give the https:// URL of an ACME directory")
        )
    if account["email"] and not _EMAIL.fullmatch(account["email"]):
        found.append(
            problem("certificates_email", account["email"], "no address; give one that is read, or leave it empty")
        )
    if account["terms_agreed"] is not True:
        remedy = "read the terms of whoever runs certificates_directory, and say true"
        found.append(problem("certificates_terms_agreed", account["terms_agreed"], remedy))
    return found
