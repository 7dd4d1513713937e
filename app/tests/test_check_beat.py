"""``manage.py check_beat``, which a supervisor asks whether beat ticks."""

import time

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from ops import beat


def test_it_fails_unless_beat_published_lately(capsys):
    cache.clear()
    with pytest.raises(CommandError, match="nothing within a day"):
        call_command("check_beat")
    beat.note(sender="feedback.sweep_outbox")
    call_command("check_beat")
    assert "feedback.sweep_outbox 0 s ago" in capsys.readouterr().out
    cache.set("ops:beat", {"at": time.time() - 200, "task": "x"})
    with pytest.raises(CommandError, match=r"200 s ago \(x\)"):
        call_command("check_beat")
