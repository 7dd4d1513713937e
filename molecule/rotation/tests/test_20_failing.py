"""An exchange that does not come to its end: the old secret works everywhere, and the same command goes on."""

import json

import pytest
from interrupting import kill_at
from load import verdict
from load.process import Load
from rotating import (
    ALL,
    KEYS,
    Login,
    exchanges,
    gets_in,
    handed_out,
    history,
    load_plan,
    login,
    rotate,
    rotate_badly,
    rotations,
    value,
)  # fmt: skip
from scenario_host import command, current, pids, play


def second(secret: str) -> Login:
    """Return who signs in with the other secret while an exchange is under way."""
    entry = rotations()[KEYS[secret]]
    turns = {"a": "garden", "b": "garden-b"}
    old = entry.get("account", "a")
    other = {"a": "b", "b": "a"}[old] if secret in ("postgres", "rabbitmq") else old
    return Login(turns[other], entry["new"])


@pytest.mark.parametrize("secret", ["redis", *(["postgres", "rabbitmq"] if ALL else [])])
def test_programs_that_do_not_start_leave_the_old_secret(secret, tmp_path):
    """A second is too short for any worker to boot. What runs goes on, and what is restarted finds the old secret."""
    before, release, running, old, told = handed_out(), current("garden"), pids("garden"), login(secret), len(history())
    load = Load(load_plan(), tmp_path / "samples.ndjson")
    load.start()
    try:
        said = rotate_badly(secret, "-e", "release_start_timeout=1")
        assert "The old secret is in use as before" in said
        assert handed_out() == before
        assert (current("garden"), pids("garden")) == (release, running)
        assert value(secret) == old.password
        assert [entry["outcome"] for entry in history()[told:]] == ["failed"]
        new = second(secret)
        assert gets_in(secret, old)
        assert gets_in(secret, new)
        rotate(secret)
    finally:
        load.stop()
    assert verdict.judge(load.path)["dropped"] == []
    assert login(secret) == new
    assert gets_in(secret, new)
    assert not gets_in(secret, old)
    assert current("garden") != release


POSTGRES = ["-e", "rotate_secret=postgres", "-e", "rotate_application=garden"]
#: The task in which the playbook is killed, and seconds into it.
CUTS = {
    "begun": ("Give each application its database", 0.0),
    "promoted": ("Let them be the ones in use", 0.8),
    "workers": ("Hand the workers over", 0.5),
    "web": ("Hand the web processes over", 0.3),
    "withdrawn": ("Accept only the new ones", 0.8),
}


@pytest.mark.skipif(not ALL, reason="runs with `make test-all`")
@pytest.mark.parametrize("cut", list(CUTS))
def test_an_exchange_that_is_killed_is_taken_up(cut, tmp_path):
    old = login("postgres")
    load = Load(load_plan(), tmp_path / "samples.ndjson")
    load.start()
    try:
        kill_at(command("rotate", *POSTGRES), *CUTS[cut], tmp_path / "marks.ndjson")
        entry = rotations()[KEYS["postgres"]]
        assert entry["phase"] in ("begun", "promoted", "withdrawn")
        rotate("postgres")
    finally:
        load.stop()
    found = verdict.judge(load.path)
    print(json.dumps(found["requests"], default=str))
    assert found["dropped"] == []
    new = login("postgres")
    assert new.password == entry["new"] != old.password
    assert gets_in("postgres", new)
    assert not gets_in("postgres", old)


@pytest.mark.skipif(not ALL, reason="runs with `make test-all`")
def test_with_keep_both_are_good_until_it_is_said_again():
    old = login("flower")
    rotate("flower", "-e", "rotate_keep=1")
    new = login("flower")
    assert new.password != old.password
    assert gets_in("flower", new)
    # At the broker's own page there is one; through nginx the old one still opens it.
    assert gets_in("flower", old)
    play("site", timeout=600)
    assert gets_in("flower", old), "site.yml closed the window"
    rotate("flower")
    assert login("flower") == new
    assert gets_in("flower", new)
    assert not gets_in("flower", old)
    assert exchanges()[-2:] == [("flower, old one kept", "done"), ("flower", "done")]
