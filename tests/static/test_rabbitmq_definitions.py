"""The comparison of wanted and existing RabbitMQ definitions, without a broker."""

import base64
import hashlib

import pytest
from conftest import plugin

rabbitmq = plugin("module_utils/rabbitmq")

HOSTILE = "p% $#'\"\\:@/ ü"
POLICY = {"vhost": "garden", "name": "queues", "pattern": "^a$", "apply-to": "queues", "definition": {"max-length": 5}}
QUEUE = {"vhost": "garden", "name": "dead-letter", "arguments": {"x-queue-type": "quorum"}}
BINDING = {"vhost": "garden", "source": "dead-letter", "destination": "dead-letter"}


def exported(**kinds):
    """What the API would give for these objects: with the broker's own keys beside the wanted ones."""
    document = rabbitmq.importable(rabbitmq.compare(kinds, {}))
    return {
        kind: [{**entry, "metadata": {"description": ""}} for entry in entries] for kind, entries in document.items()
    }


def test_hash_is_the_broker_s():
    """Four bytes of salt, then SHA-256 over salt and password, in base64."""
    salt = b"\x90\x8d\xc6\x0a"
    assert (
        rabbitmq.hash_password("test12", salt)
        == base64.b64encode(salt + hashlib.sha256(salt + b"test12").digest()).decode()
    )


@pytest.mark.parametrize("password", [HOSTILE, "plain", "ü" * 40])
def test_hash_of_a_password_matches_only_it(password):
    user = {"password_hash": rabbitmq.hash_password(password), "hashing_algorithm": "rabbit_password_hashing_sha256"}
    assert rabbitmq.password_matches(password, user)
    assert not rabbitmq.password_matches(password + " ", user)


def test_hash_of_sha512_matches_too():
    digest = base64.b64encode(b"salt" + hashlib.sha512(b"salt" + b"x").digest()).decode()
    assert rabbitmq.password_matches(
        "x", {"password_hash": digest, "hashing_algorithm": "rabbit_password_hashing_sha512"}
    )


@pytest.mark.parametrize(
    "user",
    [
        {},
        {"password_hash": ""},
        {"password_hash": "no base64"},
        {"password_hash": "YWJj"},
        {"password_hash": "YWJjZGVm", "hashing_algorithm": "rabbit_password_hashing_md5"},
    ],
)
def test_unusable_hash_matches_nothing(user):
    assert not rabbitmq.password_matches("", user)


def test_salts_differ():
    assert rabbitmq.hash_password("x") != rabbitmq.hash_password("x")


@pytest.mark.parametrize(
    "wanted",
    [
        {"vhosts": [{"name": "garden"}]},
        {"users": [{"name": "garden", "password": HOSTILE}]},
        {"policies": [POLICY]},
        {"queues": [QUEUE]},
        {"bindings": [BINDING]},
        {"exchanges": [{"vhost": "garden", "name": "unrouted", "type": "fanout"}]},
        {"permissions": [{"vhost": "garden", "user": "garden", "configure": ".*", "write": ".*", "read": ".*"}]},
    ],
)
def test_missing_object_is_imported_and_then_equal(wanted):
    assert [difference.before for difference in rabbitmq.compare(wanted, {})] == [None]
    assert rabbitmq.compare(wanted, exported(**wanted)) == []


@pytest.mark.parametrize(
    "change", [{"pattern": "^b$"}, {"definition": {"max-length": 6}}, {"definition": {}}, {"priority": 1}]
)
def test_changed_policy_is_imported(change):
    (difference,) = rabbitmq.compare({"policies": [{**POLICY, **change}]}, exported(policies=[POLICY]))
    assert difference.label == "policies:garden/queues"
    assert difference.before != difference.after


def test_objects_of_another_vhost_are_others():
    existing = exported(policies=[{**POLICY, "vhost": "orchard"}], bindings=[{**BINDING, "vhost": "orchard"}])
    labels = [
        difference.label for difference in rabbitmq.compare({"policies": [POLICY], "bindings": [BINDING]}, existing)
    ]
    assert labels == ["policies:garden/queues", "bindings:garden/dead-letter/queue/dead-letter/"]


def test_only_what_differs_is_imported():
    users = [{"name": "garden", "password": HOSTILE}, {"name": "orchard", "password": "old"}]
    existing = exported(users=users)
    users[1] = {"name": "orchard", "password": "new"}
    document = rabbitmq.importable(rabbitmq.compare({"users": users}, existing))
    assert [user["name"] for user in document["users"]] == ["orchard"]
    assert rabbitmq.password_matches("new", document["users"][0])


def test_no_password_leaves_the_comparison():
    wanted = {"users": [{"name": "garden", "password": "a-secret-word"}]}
    for existing in ({}, exported(users=[{"name": "garden", "password": "another-one"}])):
        (difference,) = rabbitmq.compare(wanted, existing)
        assert "a-secret-word" not in repr((difference.before, difference.after, difference.label))
        assert "a-secret-word" not in repr(rabbitmq.importable([difference]))
        assert "password_hash" not in repr((difference.before, difference.after))


@pytest.mark.parametrize(
    ("tags", "equal"), [("administrator", True), (["administrator"], True), ([], False), ("", False)]
)
def test_tags_compare_in_both_spellings(tags, equal):
    wanted = {"users": [{"name": "operator", "password": "x", "tags": ["administrator"]}]}
    existing = exported(**wanted)
    existing["users"][0]["tags"] = tags
    assert (rabbitmq.compare(wanted, existing) == []) is equal


def test_existing_queue_of_another_kind_is_an_error_that_names_it():
    with pytest.raises(rabbitmq.DefinitionsError, match=r"queues:garden/dead-letter exists as .*delete it"):
        rabbitmq.compare({"queues": [QUEUE]}, exported(queues=[{**QUEUE, "arguments": {}}]))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"quues": []}, "unknown kind of object 'quues'"),
        ({"users": [{"name": "garden"}]}, "lacks password"),
        ({"permissions": [{"vhost": "garden"}]}, "lacks user"),
    ],
)
def test_wrong_documents_are_refused(wanted, message):
    with pytest.raises(rabbitmq.DefinitionsError, match=message):
        rabbitmq.compare(wanted, {})


def test_bootstrap_keeps_a_hash_that_matches_and_replaces_one_that_does_not():
    wanted = {"users": [{"name": "operator", "password": HOSTILE, "tags": ["administrator"]}]}
    first = rabbitmq.bootstrap(wanted, {})
    assert rabbitmq.bootstrap(wanted, first) == first
    wanted["users"][0]["password"] = "rotated"
    assert rabbitmq.password_matches("rotated", rabbitmq.bootstrap(wanted, first)["users"][0])
