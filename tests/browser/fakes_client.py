"""The tests' side of fakes/server.py."""

import json
import time
import urllib.parse
import urllib.request
from typing import Any

Mail = dict[str, Any]


class Fakes:
    """The mailbox of the fakes at an address."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def mails(self, containing: str) -> list[Mail]:
        """Return the mails with the text in subject or body, each ``{from, to, subject, reply_to, bodies}``."""
        query = urllib.parse.urlencode({"containing": containing})
        # No proxy: the fakes stand beside the application.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self._url}/mails/?{query}", timeout=10) as answer:
            return json.load(answer)

    def wait_for_mail(self, containing: str, seconds: float = 30) -> Mail:
        """Return the one mail with the text. Fails where there is none in time, or more than one."""
        deadline = time.monotonic() + seconds
        while not (found := self.mails(containing)):
            assert time.monotonic() < deadline, f"no mail about {containing!r} within {seconds} s"
            time.sleep(0.5)
        assert len(found) == 1, found
        return found[0]
