"""What was signed with a SECRET_KEY: a session and a link, and whether they are still good."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass

import httpx
from rotating import URL
from scenario_host import CA, console

MAKE = """
import json
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core import signing
from django.test import Client
user, _ = get_user_model().objects.get_or_create(username="ann", defaults={"is_staff": True, "is_superuser": True})
client = Client()
client.force_login(user)
print(json.dumps({"session": client.cookies["sessionid"].value, "link": signing.dumps("to ann")}))
"""
READ = """
import django
django.setup()
from django.core import signing
print(signing.loads(%r))
"""


@dataclass(frozen=True)
class Signed:
    """A session's cookie and a signed text."""

    session: str
    link: str

    @classmethod
    def made(cls) -> Signed:
        """Sign with the key that is in use now."""
        done = console("garden", MAKE)
        assert done.returncode == 0, done.stderr
        return cls(**json.loads(done.stdout.splitlines()[-1]))

    def link_is_good(self) -> bool:
        """Ask the live release whether it takes the signature for its own."""
        done = console("garden", READ % self.link)
        assert done.returncode == 0 or "BadSignature" in done.stderr, done.stderr
        return done.returncode == 0

    def session_is_good(self) -> bool:
        """Open a page that only somebody who is signed in sees."""
        trust = ssl.create_default_context(cafile=CA)
        with httpx.Client(base_url=URL, verify=trust, timeout=20, trust_env=False) as client:
            answer = client.get("/admin/", cookies={"sessionid": self.session})
        assert answer.status_code in (200, 302), answer.text
        return answer.status_code == 200
