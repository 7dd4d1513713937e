"""How long a look takes."""

import json
import time

import pytest
from kit import ALL
from scenario_host import play

SECONDS = 4.0


@pytest.mark.skipif(not ALL, reason="runs with `make test-all`: another scenario beside it would be measured as well")
def test_status_is_said_quickly(live):
    begun = time.monotonic()
    said = json.loads(play("status", "-e", "format=json", callback="answer"))
    took = time.monotonic() - begun
    assert said["level"] != "red", said
    assert took < SECONDS
