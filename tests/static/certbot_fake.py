"""certbot and an authority in one, as the tool of the role `certificates` calls it: issues, or refuses if told to."""

from __future__ import annotations

import sys
from pathlib import Path

from conftest import ROOT
from pair_samples import DAY, NOW, make

sys.path.append(str(ROOT / "roles/certificates/files/agent"))

from cloche_certificates import places

DOMAINS = ["garden.test", "www.garden.test"]
DIRECTORY = "https://acme.test/dir"


def issued(directory: Path, domains: list[str], days: float = 90) -> None:
    """Put what an authority would into certbot's directory."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "fullchain.pem").write_text(make(*domains, begin=NOW - 100 * DAY, end=NOW + days * DAY)[0])


def home(host: places.Places) -> Path:
    return host.certbot / "accounts/acme.test/dir/1a2b"


class Authority:
    """In certbot's place: what it was asked, and what comes of the next call."""

    def __init__(self, host: places.Places) -> None:
        self.host, self.asked, self.refusal, self.renews = host, [], "", False

    def issue(self, settings, name, domains, tool, renew, account):
        self.asked.append(("issue", name, renew))
        if self.refusal:
            return 1, self.refusal
        issued(self.host.live(name), domains)
        self.host.renewal(name).parent.mkdir(parents=True, exist_ok=True)
        self.host.renewal(name).write_text(f"[renewalparams]\naccount = 1a2b\nserver = {settings.directory}\n")
        home(self.host).mkdir(parents=True, exist_ok=True)
        (home(self.host) / "private_key.json").touch()
        return 0, ""

    def renew(self, settings, name):
        self.asked.append(("renew", name))
        if self.refusal:
            return 1, self.refusal
        if self.renews:
            issued(self.host.live(name), DOMAINS)
        return 0, ""

    def delete(self, settings, name):
        self.host.renewal(name).unlink()
        return 0, ""
