"""What the tests share."""

import pytest
from kombu.exceptions import OperationalError

from notes import tasks


@pytest.fixture
def no_broker(monkeypatch):
    """Let Redis be away."""

    def refuse(*arguments, **options):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.process_note, "delay", refuse)
