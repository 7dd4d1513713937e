"""What is to be done for each certificate, and doing it. Failures are recorded; the pair that serves stays as it is."""

from __future__ import annotations

import shutil
import subprocess
import time

from . import account, certbot, pair
from .places import FULL_CHAIN, Places, Settings, relink

TOOL = "/usr/local/sbin/cloche-certificates"


class Failure(Exception):
    """The message says why, in one line."""


class Keeper:
    """The certificates of one host."""

    def __init__(self, places: Places, settings: Settings, wanted: dict[str, list[str]]) -> None:
        self.places, self.settings, self.wanted = places, settings, wanted

    def prepare(self) -> list[str]:
        """See that a web server finds a pair for each name; return those for which there was none."""
        made = []
        for name, domains in self.wanted.items():
            serving = self.places.serving(name)
            if (serving / FULL_CHAIN).exists():
                continue
            live = self.places.live(name)
            if not (live / FULL_CHAIN).exists():
                pair.make_stand_in(self.places.stand_in(name), domains)
                live = self.places.stand_in(name)
            relink(serving, live)
            made.append(name)
        return made

    def lacking(self, name: str) -> str:
        """Return why a certificate has to be asked for, empty where the one that is there does. Asks nobody."""
        found = pair.read(self.places.live(name) / FULL_CHAIN)
        if found is None:
            return "there is none"
        if found.names != {domain.lower() for domain in self.wanted[name]}:
            return "it has other names"
        if certbot.directory_of(self.places, name) != self.settings.directory:
            return "another directory issued it"
        used, given = certbot.account_of(self.places, name), account.identify(self.places)
        if not used:
            return "its account is gone"
        if given not in ("", used):
            return "another account asked for it"
        return "it has expired" if found.ends < time.time() else ""

    def ensure(self, name: str) -> bool:
        """Have a certificate issued if it is lacking; return whether anything changed; raise Failure."""
        lacking = self.lacking(name)
        if not lacking:
            return self.deploy(name)
        again = self.places.renewal(name).exists()
        try:
            used = account.adopt(self.places, self.settings)
        # Whatever the authority's library raises: the reason is for people to read.
        except Exception as error:
            self._went(name, 1, f"with error: the account: {error}")
        self._went(name, *certbot.issue(self.settings, name, self.wanted[name], TOOL, again, used))
        issued = pair.read(self.places.live(name) / FULL_CHAIN)
        if issued:
            certbot.renew_in_last_third(self.places, name, issued.lifetime)
        self.deploy(name)
        return True

    def renew(self, name: str) -> bool:
        """Renew a certificate if it is due, or have it issued; return whether it is another one, raise Failure."""
        if self.lacking(name):
            return self.ensure(name)
        before = self.places.outcome(name).get("deployed")
        self._went(name, *certbot.renew(self.settings, name))
        self.deploy(name)
        return self.places.outcome(name).get("deployed") != before

    def renew_others(self) -> None:
        """Renew what somebody else has had issued on this host, as Debian's own timer would; raise Failure."""
        own = {self.places.renewal(name) for name in self.wanted}
        failed = []
        for path in sorted(set((self.places.certbot / "renewal").glob("*.conf")) - own):
            code, said = certbot.renew_foreign(path.stem)
            if code:
                failed.append(f"{path.stem}: {certbot.reason(said)}")
        if failed:
            raise Failure("; ".join(failed))

    def _went(self, name: str, code: int, said: str) -> None:
        facts = {"at": int(time.time()), "domains": self.wanted[name], "directory": self.settings.directory}
        why = certbot.reason(said) if code else ""
        self.places.record(name, ok=not code, reason=why, issued=not self.lacking(name), **facts)
        if code:
            raise Failure(why)

    def deploy(self, name: str) -> bool:
        """Let the web server take the newest pair; return whether it had another one.

        It is tested first, for a reload with a broken configuration would leave it to the next boot to fail.
        """
        found = pair.read(self.places.live(name) / FULL_CHAIN)
        if found is None:
            raise Failure(f"{self.places.live(name)} holds no certificate")
        if found.fingerprint == self.places.outcome(name).get("deployed"):
            return False
        relink(self.places.serving(name), self.places.live(name))
        for command in (self.settings.test, self.settings.reload):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                why = f"{' '.join(command)}: {' '.join((done.stderr or done.stdout).split())[:200]}"
                self.places.record(name, ok=False, reason=why, at=int(time.time()))
                raise Failure(why)
        self.places.record(name, ok=True, reason="", deployed=found.fingerprint)
        shutil.rmtree(self.places.stand_in(name), ignore_errors=True)
        return True

    def remove(self, name: str) -> bool:
        """Forget a certificate with its key; return whether there was anything. No site may refer to it any more."""
        state, wanted = self.places.state / name, self.places.wanted_file(name)
        there = [path for path in (self.places.renewal(name), state, wanted) if path.exists()]
        if self.places.renewal(name).exists():
            code, said = certbot.delete(self.settings, name)
            if code:
                raise Failure(certbot.reason(said))
        wanted.unlink(missing_ok=True)
        if state.exists():
            shutil.rmtree(state)
        return bool(there)
