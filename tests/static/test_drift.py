"""What `make drift` says of a task that would change something: named, short, without a secret."""

from __future__ import annotations

from ansible.module_utils.operating.differences import LINES, difference_lines, masked
from ansible.module_utils.rabbitmq import unknown_permissions


def diff(before, after, path="/etc/x.conf"):
    return {"diff": [{"before_header": path, "after_header": path, "before": before, "after": after}]}


def test_a_changed_file_shows_its_lines():
    assert difference_lines(diff("a\nb\nc\n", "a\nB\nc\n")) == ["/etc/x.conf", "  -b", "  +B"]


def test_a_missing_file_is_not_told_line_by_line():
    assert difference_lines(diff("", "a\nb\n")) == ["/etc/x.conf: not there"]


def test_a_mode_is_told_as_the_other_attributes():
    found = {"diff": {"before": {"path": "/x", "mode": "0666"}, "after": {"path": "/x", "mode": "0644"}}}
    assert difference_lines(found) == ["/x", "  -mode: 0666", "  +mode: 0644"]


def test_a_long_difference_is_cut():
    found = difference_lines(diff("\n".join(f"a{n}" for n in range(50)), "\n".join(f"b{n}" for n in range(50))))
    assert len(found) == LINES + 2
    assert found[-1] == "  … and 88 lines more"


def test_a_service_says_what_it_should_be():
    assert difference_lines({"name": "nginx", "state": "started"}) == ["nginx: should be started"]


def test_what_a_broker_lacks_is_named():
    assert difference_lines({"imported": ["policies:garden/queues"]}) == [
        "missing or different: policies:garden/queues"
    ]


def test_of_a_secret_only_the_place_is_told():
    assert difference_lines({"censored": "…", "diff": "x"}, ["/etc/cloche/garden.env"]) == [
        "/etc/cloche/garden.env",
        "what it has to be is a secret, so neither side is shown",
    ]


def test_a_secret_in_a_difference_is_masked_also_by_the_line():
    key = "-----BEGIN KEY-----\nabcdefghijkl\n-----END KEY-----"
    text = masked("+password = s3cr3t-s3cr3t\n+abcdefghijkl", {"s3cr3t-s3cr3t", key, ""})
    assert text == "+password = ********\n+********"


def test_a_permission_that_nobody_described_is_found():
    wanted = {"vhosts": [{"name": "garden"}], "permissions": [{"vhost": "garden", "user": "garden"}]}
    there = {
        "permissions": [{"vhost": "garden", "user": u} for u in ("garden", "mallory")] + [{"vhost": "o", "user": "o"}]
    }
    assert unknown_permissions(wanted, there) == ["permissions:garden/mallory"]


def test_what_is_said_in_words_is_told_as_it_is():
    assert difference_lines({"msg": "a should run\nb should run"}) == ["a should run", "b should run"]
