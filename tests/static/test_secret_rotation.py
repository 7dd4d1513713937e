"""The exchange of a secret: what is in use and what is accepted at each step, repeated, interrupted, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.secrets_store import names, rotation
from ansible.module_utils.secrets_store.errors import SecretsError
from ansible.module_utils.secrets_store.folder import Folder
from ansible.module_utils.secrets_store.generate import LENGTHS, generated
from ansible.module_utils.secrets_store.rotation import ROTATIONS
from ansible.module_utils.secrets_store.steps import phases, step
from ansible.module_utils.secrets_store.targets import KINDS, targets
from conftest import plugin
from samples import filters, garden

rotated = plugin("filter/rotation").rotated
logins = plugin("filter/logins")
NOW = datetime(2026, 2, 3, tzinfo=UTC)
APPLICATIONS = {
    "garden": {
        "app_name": "garden",
        "app_secrets": {kind: f"{{{{ vault_{kind} }}}}" for kind in ("database", "broker", "redis", "django")},
    },
    "demo": {"app_name": "demo", "app_secrets": {"broker": "{{ vault_demo }}"}},
}
OPERATOR = "{{ vault_operator }}"
ROAD = ["begun", "promoted", "withdrawn", "finished"]


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    store = Folder(tmp_path / "secrets")
    store.write(
        {f"vault_{name}": f"old-{name}" for name in ("database", "broker", "redis", "django", "demo", "operator")}
    )
    return store


def meant(word: str, only: str = "") -> list:
    return targets(word, only, APPLICATIONS, OPERATOR)


def app(store: Folder, days: float = 14) -> dict[str, Any]:
    """Return what the sample's definition says with what the store holds."""
    values = {kind: store.read(f"vault_{kind}") for kind in ("database", "broker", "redis", "django")}
    complete = filters.complete_applications({"garden": garden(app_secrets=values)})
    return rotated(complete, store.read(ROTATIONS) or {}, days)[0]


def test_secrets_are_strong():
    """At least 128 bits, no two alike, and no character that means something in a URL, a shell or a list."""
    for kind, length in LENGTHS.items():
        made = {generated(kind) for _ in range(50)}
        assert len(made) == 50
        assert all(len(value) == length >= 22 and value.isalnum() and value.isascii() for value in made)


@pytest.mark.parametrize("word", ["postgres", "rabbitmq"])
def test_two_accounts_take_turns(word, store):
    kind, seen = KINDS[word], []
    for _ in range(2):
        old = app(store)
        for name in ROAD:
            assert step(store, meant(word, "garden"), name) == [f"garden.{kind}"]
            assert step(store, meant(word, "garden"), name) == [], "a step that is repeated changes something"
            found = app(store)
            login, other = found["logins"][kind], {"a": "b", "b": "a"}
            used = "a" if login["user"] == "garden" else "b"
            assert login[used] == found["secrets"][kind]
            # What programs use until the handover, and take with it.
            changed = found["secrets"][kind] != old["secrets"][kind]
            assert changed is (name != "begun")
            assert changed is (login["user"] != old["logins"][kind]["user"])
            assert bool(login[other[used]]) is (name in ("begun", "promoted"))
        seen.append(app(store)["logins"][kind]["user"])
        assert phases(store, meant(word, "garden")) == {f"garden.{kind}": ""}
    assert seen == ["garden-b", "garden"]
    assert store.read(ROTATIONS) is None, "something is left of what is over"


def test_redis_has_two_passwords_meanwhile(store):
    counts = []
    for name in ROAD:
        step(store, meant("redis"), name)
        found = app(store)
        assert found["logins"]["redis"][0] == found["secrets"]["redis"]
        counts.append(len(found["logins"]["redis"]))
    assert counts == [2, 2, 1, 1]
    assert store.read("vault_redis") == app(store)["secrets"]["redis"] != "old-redis"


def test_earlier_keys_stay_good_for_a_while(store):
    """First all know the new key, then they sign with it; the old one stays until its time or the next exchange."""
    step(store, meant("django"), "begun")
    new = store.read(ROTATIONS)["garden.django"]["new"]
    assert (app(store)["secrets"]["django"], app(store)["secrets"]["fallbacks"]) == ("old-django", new)
    for name in ("promoted", "withdrawn", "finished"):
        step(store, meant("django"), name)
        assert (app(store)["secrets"]["django"], app(store)["secrets"]["fallbacks"]) == (new, "old-django")
    assert "fallbacks" not in app(store, days=0)["secrets"]
    step(store, meant("django"), "begun")
    newer = store.read(ROTATIONS)["garden.django"]["new"]
    assert app(store)["secrets"]["fallbacks"] == f"{newer},old-django"
    step(store, meant("django"), "promoted")
    assert app(store)["secrets"]["fallbacks"] == new


def test_days_of_a_fallback_are_counted():
    entry = {"fallbacks": [{"key": "k", "since": NOW.isoformat()}]}
    assert rotation.fallbacks(entry, 3, NOW + timedelta(days=2.9)) == ["k"]
    assert rotation.fallbacks(entry, 3, NOW + timedelta(days=3.1)) == []


def test_a_key_that_no_list_can_carry_is_not_exchanged(store):
    store.write({"vault_django": "a,b" * 20})
    with pytest.raises(SecretsError, match="comma"):
        step(store, meant("django"), "begun")
    assert store.read(ROTATIONS) is None


@pytest.mark.parametrize("word", ["postgres", "rabbitmq", "redis", "django"])
def test_a_handover_that_fails_leads_back_and_is_taken_up_again(word, store):
    before, kind = app(store), KINDS[word]
    step(store, meant(word, "garden"), "begun")
    step(store, meant(word, "garden"), "promoted")
    new = store.read(f"vault_{kind}")
    assert step(store, meant(word, "garden"), "demoted") == [f"garden.{kind}"]
    assert app(store)["secrets"][kind] == before["secrets"][kind] == store.read(f"vault_{kind}")
    assert step(store, meant(word, "garden"), "withdrawn") == [], "the secret in use was withdrawn"
    step(store, meant(word, "garden"), "begun")
    step(store, meant(word, "garden"), "promoted")
    assert app(store)["secrets"][kind] == new != before["secrets"][kind]


def test_steps_are_not_passed_over(store):
    for name in ("promoted", "demoted", "withdrawn", "finished"):
        assert step(store, meant("redis"), name) == []
    assert step(store, meant("redis"), "begun", dry=True) == ["garden.redis"]
    assert store.read(ROTATIONS) is None


def test_of_a_write_that_breaks_off_between_files_the_rotation_is_right(store):
    """The folder writes a file after the other; what is in use is what the rotation says."""
    step(store, meant("redis"), "begun")
    step(store, meant("redis"), "promoted")
    store.write({"vault_redis": "old-redis"})
    assert app(store)["secrets"]["redis"] == store.read(ROTATIONS)["garden.redis"]["new"]


def test_a_release_is_another_with_another_secret_and_the_same_with_another_that_is_accepted(store):
    def identifier() -> str:
        release = plugin("filter/release")
        build = {"source": {"name": "garden"}, "id": "1-a", "bundle": "b", "venvs": {}}
        return release.deployments([app(store)], [build], [], [])[0]["release"]["id"]

    ids = [identifier()]
    for name in ROAD:
        step(store, meant("postgres"), name)
        ids.append(identifier())
    assert ids == [ids[0]] * 2 + [ids[-1]] * 3
    assert ids[0] != ids[-1]
    assert set(plugin("filter/release").without_secrets(app(store))) & {"logins", "secrets"} == set()


def test_an_inventory_that_does_not_know_of_an_exchange_is_found_out(store):
    """Services would be told nothing, and programs go over to what nobody accepts."""
    step(store, meant("redis"), "begun")
    unseen, told = plugin("filter/rotation").unseen_phases, phases(store, meant("redis"))
    assert unseen({}, told) == unseen({"garden.redis": {"phase": "promoted"}}, told) == ["garden.redis"]
    assert unseen(store.read(ROTATIONS), told) == []
    assert unseen({}, {"garden.redis": ""}) == []


def test_words_and_names():
    assert [target.key for target in meant("rabbitmq")] == ["demo.broker", "garden.broker"]
    assert [target.variable for target in meant("rabbitmq", "demo")] == ["vault_demo"]
    assert [(target.key, target.app) for target in meant("flower")] == [("operator", "")]
    for word, only, why in [
        ("mysql", "", "postgres, rabbitmq"),
        ("redis", "x", "demo, garden"),
        ("redis", "demo", "demo"),
    ]:
        with pytest.raises(SecretsError, match=why):
            meant(word, only)
    with pytest.raises(SecretsError, match="vault_NAME"):
        targets("redis", "", {"garden": {"app_secrets": {"redis": "{{ lookup('x') }}"}}}, OPERATOR)


def test_services_are_asked_for_what_they_should_say(store):
    """For the retired account that is no, as soon as it is withdrawn and not before."""
    where = {"address": "10.0.0.1", "postgres": 5432, "rabbitmq": 5672}
    told = []
    for name in ROAD:
        step(store, meant("postgres"), name)
        step(store, meant("redis"), name)
        rotations = store.read(ROTATIONS) or {}
        found = logins.login_probes([app(store)], rotations, ["postgres", "redis"], where)
        told.append([(entry["user"], entry["port"], entry["which"], entry["accepted"]) for entry in found])
    both = [("garden", 5432, "old", True), ("garden-b", 5432, "new", True)] + [
        ("garden", port, which, True) for port in (6380, 6381) for which in ("old", "new")
    ]
    refused = [(*entry[:3], entry[2] == "new") for entry in both]
    assert told == [both, both, refused, []]
    assert logins.login_probes([app(store)], {}, ["web"], where) == []


def test_the_operator_has_two_passwords_on_pages_and_one_at_the_broker(store):
    management = {"service": "http"}
    told = []
    for name in ROAD:
        step(store, meant("flower"), name)
        found = logins.operator_probes(store.read(ROTATIONS) or {}, "ada", [{"service": "https"}], management)
        told.append([(entry["service"], entry["which"], entry["accepted"]) for entry in found])
        second = plugin("filter/rotation").second_operators(store.read(ROTATIONS) or {}, "ada")
        assert len(second) == (name in ("begun", "promoted"))
        assert [entry["password"] for entry in second] != [store.read("vault_operator")]
    pages = [("https", "old", True), ("https", "new", True)]
    assert told == [
        [*pages, ("http", "old", True), ("http", "new", False)],
        [*pages, ("http", "old", False), ("http", "new", True)],
        [("https", "old", False), ("https", "new", True), ("http", "old", False), ("http", "new", True)],
        [],
    ]


def test_missing_secrets_are_made_and_no_value_is_told(store):
    store.write({"vault_redis": None, "vault_spare": "spare-value"})
    kinds = names.makeable(APPLICATIONS, OPERATOR)
    assert names.complete(store, kinds, dry=True) == names.complete(store, kinds) == ["vault_redis"]
    assert names.complete(store, kinds) == []
    step(store, meant("postgres"), "begun")
    used = names.used_in(["a: '{{ vault_dsn }}'  # vault_comment", "b: '{{ vault_redis }}'"]) | set(kinds)
    lines = names.told(store.names(), used, ["vault_redis"], store.read(ROTATIONS))
    states = {line.split()[0].rstrip(":"): line.split(None, 1)[1].split(" since ")[0] for line in lines}
    assert states["vault_redis"] == "made now"
    assert states["vault_dsn"].startswith("missing")
    assert states["vault_spare"] == "there, and nothing uses it"
    assert states["vault_django"] == "there"
    assert states["garden.database"] == "being exchanged, begun"
    assert "vault_comment" not in states
    values = [store.read(name) for name in store.names() if name != ROTATIONS]
    assert not [value for value in values if any(value in line for line in lines)]
