"""Debian's certbot: its calls, and of what it prints the reason."""

from __future__ import annotations

import os
import re
import subprocess

from .places import PREFIX, Places, Settings, replace

#: Seconds; an authority that takes longer counts as silent.
PATIENCE = 300
_DETAIL = re.compile(r"^\s*(?:Detail|Hint):\s*(.+)$", re.MULTILINE)
_ERROR = re.compile(r"with error:\s*(.+)$", re.MULTILINE)
_UNEXPECTED = re.compile(r"^An unexpected error occurred:\n(.+)$", re.MULTILINE)
_NOISE = re.compile(r"^(?:- -|Saving debug log|Ask for help|See the logfile|Processing|All renewals failed|\d+ renew)")
_SERVER = re.compile(r"^server\s*=\s*(\S+)", re.MULTILINE)
_ACCOUNT = re.compile(r"^account\s*=\s*(\S+)", re.MULTILINE)
LENGTH = 300


def _run(settings: Settings, *arguments: str) -> tuple[int, str]:
    own = {"REQUESTS_CA_BUNDLE": settings.authority} if settings.authority else {}
    # The account's address and keys are in the file: a command line is everybody's to read.
    return _call(own, *arguments, "--config", "/etc/cloche/acme/certbot.ini")


def _call(own: dict[str, str], *arguments: str) -> tuple[int, str]:
    try:
        done = subprocess.run(
            ["certbot", *arguments, "--non-interactive"], env=os.environ | {"LC_ALL": "C.UTF-8"} | own,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return 124, f"An unexpected error occurred:\nno answer within {PATIENCE} s"
    return done.returncode, done.stdout


def issue(
    settings: Settings, name: str, domains: list[str], tool: str, renew: bool, account: str = ""
) -> tuple[int, str]:
    """Ask for a certificate with these names; return certbot's exit code and output. `renew`: although there is one.

    Without an account certbot takes the one that it has, or makes one.
    """
    names = [argument for domain in domains for argument in ("--domain", domain)]
    return _run(
        settings, "certonly", "--webroot", "--webroot-path", settings.webroot, "--cert-name", f"{PREFIX}{name}", *names,
        "--server", settings.directory, "--renew-with-new-domains", "--deploy-hook", f"{tool} deploy {name}",
        "--force-renewal" if renew else "--keep-until-expiring", *(["--account", account] if account else []),
    )  # fmt: skip


def renew_in_last_third(places: Places, name: str, lifetime: float) -> None:
    """Have certbot renew in the last third of a certificate's life.

    Its own 30 days before the end are always with one that lives shorter: such a one would be renewed twice a day.
    """
    path = places.renewal(name)
    rest = [line for line in path.read_text().splitlines() if "renew_before_expiry" not in line]
    replace(path, "\n".join([f"renew_before_expiry = {max(1, int(lifetime / 3 / 3600))} hours", *rest, ""]))


def renew(settings: Settings, name: str) -> tuple[int, str]:
    """Renew a certificate if it is due; return certbot's exit code and output. The timer has waited already."""
    return _run(settings, "renew", "--cert-name", f"{PREFIX}{name}", "--no-random-sleep-on-renew")


def renew_foreign(lineage: str) -> tuple[int, str]:
    """Renew somebody else's certificate, with their settings, if it is due; return exit code and output."""
    return _call({}, "renew", "--cert-name", lineage, "--no-random-sleep-on-renew")


def delete(settings: Settings, name: str) -> tuple[int, str]:
    """Forget a certificate and its key; return certbot's exit code and output."""
    return _run(settings, "delete", "--cert-name", f"{PREFIX}{name}")


def directory_of(places: Places, name: str) -> str:
    """Return the URL of the directory that issued a certificate; empty where none was."""
    try:
        found = _SERVER.search(places.renewal(name).read_text())
    except OSError:
        return ""
    return found[1] if found else ""


def account_of(places: Places, name: str) -> str:
    """Return the account that a certificate is renewed with; empty where it is not on this host any more."""
    found = _ACCOUNT.search(places.renewal(name).read_text())
    there = found and any((places.certbot / "accounts").glob(f"*/**/{found[1]}/private_key.json"))
    return found[1] if there else ""


def reason(output: str) -> str:
    """Return why certbot failed, in one line of at most LENGTH characters."""
    for pattern in (_DETAIL, _ERROR, _UNEXPECTED):
        if found := pattern.search(output):
            return _short(found[1])
    lines = [line.strip() for line in output.splitlines() if line.strip() and not _NOISE.match(line.strip())]
    return _short(lines[-1] if lines else "certbot said nothing")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LENGTH else f"{line[: LENGTH - 1]}…"
