"""What is wrong with certificates, names and accounts, in the words in which preflight says it."""

from __future__ import annotations

import datetime

import pytest
from ansible.module_utils.pem_pair import pair_faults
from conftest import plugin
from cryptography.hazmat.primitives import serialization
from pair_samples import DAY, NOW, make, pem
from samples import found, garden

filters = plugin("filter/certificates")
CERTIFICATE, KEY = make("garden.test", "*.shop.test")
OTHER, OTHER_KEY = make("garden.test")


@pytest.mark.parametrize("names", [["garden.test"], ["GARDEN.test", "www.shop.test"], ["*.shop.test"], []])
def test_a_pair_that_belongs_together_will_do(names):
    assert pair_faults(CERTIFICATE, pem(KEY), names, NOW) == []
    # What follows is its chain.
    assert pair_faults(CERTIFICATE + OTHER, pem(KEY), names, NOW) == []


FAULTS = {
    "key of another": (CERTIFICATE, pem(OTHER_KEY), "key", "not the key of this certificate"),
    "key with a passphrase": (
        CERTIFICATE, pem(KEY, serialization.BestAvailableEncryption(b"x")), "key", "wants a passphrase"),
    "no key": (CERTIFICATE, "nonsense", "key", "no PEM private key"),
    "certificate in the key's place": (CERTIFICATE, CERTIFICATE, "key", "no PEM private key"),
    "no certificate": ("nonsense", pem(KEY), "certificate", "no PEM certificate"),
    "key in the certificate's place": (pem(KEY), pem(KEY), "certificate", "no PEM certificate"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_what_will_not_do_is_named_and_not_shown(case):
    certificate, key, what, words = FAULTS[case]
    ((found_in, value, remedy),) = pair_faults(certificate, key, ["garden.test"], NOW)
    assert found_in == what
    assert words in remedy
    assert value == f"({len(certificate if what == 'certificate' else key)} characters)"


@pytest.mark.parametrize(
    ("changes", "value", "words"),
    [
        ({"end": NOW - datetime.timedelta(seconds=1)}, f"{NOW:%Y-%m-%d}", "the day on which it expired"),
        ({"begin": NOW + DAY}, f"{NOW + DAY:%Y-%m-%d}", "the day from which it is valid"),
    ],
)
def test_a_certificate_must_hold_now(changes, value, words):
    certificate, key = make("garden.test", **changes)
    ((what, shown, remedy),) = pair_faults(certificate, pem(key), ["garden.test"], NOW)
    assert (what, shown) == ("certificate", value)
    assert words in remedy


@pytest.mark.parametrize(
    ("has", "name", "known"),
    [
        (["garden.test"], "www.garden.test", "it is for garden.test"),
        (["*.garden.test"], "garden.test", "it is for *.garden.test"),
        (["*.garden.test"], "a.b.garden.test", "it is for *.garden.test"),
        ([], "garden.test", "it is for nobody"),
    ],
)
def test_each_name_must_be_in_it(has, name, known):
    certificate, key = make(*has)
    ((what, value, remedy),) = pair_faults(certificate, pem(key), [name], NOW)
    assert (what, value) == ("certificate", name)
    assert known in remedy


# --- an application's own ---------------------------------------------------------------------------------------------


def own(**keys: object) -> dict:
    return {"app_certificate": keys}


TEXT = {"certificate_content": CERTIFICATE, "key_content": pem(KEY)}
ACME = {"source": "pair", "directory": "https://acme.test/dir", "email": "ops@garden.test", "terms_agreed": True}


@pytest.mark.parametrize("given", [TEXT, {"acme": True}, {"certificate": "/a.pem", "key": "/a.key"}])
def test_each_source_is_accepted(given, facts):
    assert found(garden(app_domains=["garden.test"], **own(**given)), facts) == []


BAD = {
    "two sources": (TEXT | {"acme": True}, "app_certificate", "a pair of paths, a pair of contents or acme"),
    "halves of two": (
        {"certificate": "/a.pem", "key_content": pem(KEY)}, "app_certificate", "a pair of paths, a pair of contents"),
    "nothing": ({"acme": False}, "app_certificate", "say certificate and key, their contents or acme"),
    "text without a key": ({"certificate_content": CERTIFICATE}, "app_certificate.key_content", "add it: PEM text"),
    "key of another": (
        TEXT | {"key_content": pem(OTHER_KEY)}, "app_certificate.key_content", "not the key of this certificate"),
    "misspelt key": (TEXT | {"key_contents": pem(KEY)}, "app_certificate.key_contents", "did you mean key_content?"),
    "strange key": (TEXT | {"x": pem(KEY)}, "app_certificate.x", "unknown key; known are"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_contradicts_is_named_and_no_key_is_shown(case, facts):
    given, variable, words = BAD[case]
    problems = found(garden(app_domains=["garden.test"], **own(**given)), facts)
    assert [problem[0] for problem in problems] == [variable]
    assert words in problems[0][2]
    secret = pem(KEY).splitlines()[1][:20]
    assert not any(secret in str(problem) or "BEGIN" in str(problem) for problem in problems)


def test_names_of_an_application_must_be_in_its_certificate(facts):
    problems = found(garden(app_domains=["garden.test", "other.test"], **own(**TEXT)), facts)
    assert [problem[:2] for problem in problems] == [("app_certificate.certificate_content", "other.test")]


# --- ACME -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "variable"),
    [
        ({"directory": "http://acme.test/dir"}, "certificates_directory"),
        ({"email": "ops at garden"}, "certificates_email"),
        ({"terms_agreed": False}, "certificates_terms_agreed"),
        ({"terms_agreed": "yes"}, "certificates_terms_agreed"),
    ],
)
def test_the_account_is_judged_where_anybody_uses_it(account, variable, facts):
    facts = facts | {"certificates": ACME | account}
    assert found(garden(), facts) == []
    assert [problem[0] for problem in found(garden(**own(acme=True)), facts)] == [variable]
    everybody = facts | {"certificates": ACME | account | {"source": "acme"}}
    assert [problem[0] for problem in found(garden(), everybody)] == [variable]


def test_a_wildcard_is_not_for_acme(facts):
    problems = found(garden(app_domains=["garden.test", "*.garden.test"], **own(acme=True)), facts)
    assert [problem[:2] for problem in problems] == [("app_domains", "*.garden.test")]
    assert "no challenge over HTTP proves a wildcard" in problems[0][2]


@pytest.mark.parametrize(
    ("said", "complaint", "lines"),
    [
        ('{"changed": ["garden"], "failed": {}}', "", []),
        ('{"changed": [], "failed": {"moss": "silence", "fern": "refused"}}', "", ["fern: refused", "moss: silence"]),
        ("", "Traceback\n  File\nOSError: disk full\n", ["OSError: disk full"]),
        ("", "", []),
    ],
)
def test_what_could_not_be_had_is_said_in_a_line_each(said, complaint, lines):
    assert filters.certificate_failures(said, complaint) == lines


WANTED = [{"name": "garden", "domains": ["a.test", "b.test"]}, {"name": "moss", "domains": ["moss.test"]}]


@pytest.mark.parametrize(
    ("outcome", "unissued"),
    [
        ('{"name": "garden", "issued": true, "domains": ["b.test", "a.test"], "directory": "D"}', ["moss"]),
        ('{"name": "garden", "issued": true, "domains": ["a.test"], "directory": "D"}', ["garden", "moss"]),
        ('{"name": "garden", "issued": true, "domains": ["a.test", "b.test"], "directory": "E"}', ["garden", "moss"]),
        ('{"name": "garden", "issued": false, "domains": ["a.test", "b.test"], "directory": "D"}', ["garden", "moss"]),
        ("cut {", ["garden", "moss"]),
        ("", ["garden", "moss"]),
    ],
)
def test_only_names_without_a_certificate_are_looked_at(outcome, unissued):
    assert [entry["name"] for entry in filters.unissued_certificates(WANTED, f"{outcome}\n", "D")] == unissued


def test_the_environments_pair_has_to_be_for_the_sites_that_show_it():
    apps = {
        "garden": {"app_domains": ["garden.test", "other.test"]},
        "own": {"app_domains": ["own.test"], "app_certificate": {"acme": True}},
    }
    names = filters.default_domains(apps, "pair")
    assert names == ["garden.test", "other.test"]
    assert filters.default_domains(apps, "acme") == []
    pair = {"nginx_certificate_content": CERTIFICATE, "nginx_certificate_key_content": pem(KEY)}
    problems = filters.environment_pair_problems(pair, names)
    assert [(p["variable"], p["value"]) for p in problems] == [("nginx_certificate_content", "other.test")]
    assert filters.environment_pair_problems(dict.fromkeys(pair, ""), names) == []


def test_every_source_has_its_place_on_the_hosts():
    def place(source: str = "pair", **given: object) -> dict:
        app = {"name": "garden", "domains": ["garden.test"], "certificate": given or None}
        return filters.certificate_place(app, source, "/etc/nginx/tls/applications")

    assert place() == {"certificate": "", "key": "", "outcome": ""}
    assert place(certificate="/a.pem", key="/a.key") == {"certificate": "/a.pem", "key": "/a.key", "outcome": ""}
    assert place(**TEXT)["key"] == "/etc/nginx/tls/applications/garden/key.pem"
    assert place("acme") == place(acme=True)
    assert place("acme")["outcome"] == "/var/lib/cloche/certificates/garden/outcome.json"
    # Who brings a pair keeps it, whatever the environment has.
    assert place("acme", **TEXT) == place(**TEXT)
