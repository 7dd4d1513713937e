"""The tool that keeps a host's ACME certificates, with an authority that issues or refuses as a test wants."""

from __future__ import annotations

import json

import pytest
from certbot_fake import DIRECTORY, DOMAINS, Authority, home, issued
from cloche_certificates import account, certbot, cli, pair, places
from pair_samples import make, pem


@pytest.fixture
def host(tmp_path):
    """A host on which one certificate is wanted; what its web server was told is in /told."""
    found = places.Places(tmp_path)
    told = f"echo $0 >> {tmp_path}/told; test ! -e {tmp_path}/broken"
    settings = {
        "directory": DIRECTORY, "email": "", "terms_agreed": True, "webroot": "/srv", "authority": "",
        "test": ["sh", "-c", told, "test"], "reload": ["sh", "-c", told, "reload"],
    }  # fmt: skip
    (found.configuration / "certificates").mkdir(parents=True)
    (found.configuration / "settings.json").write_text(json.dumps(settings))
    found.wanted_file("garden").write_text(json.dumps({"domains": DOMAINS}))
    return found


@pytest.fixture
def authority(host, monkeypatch):
    stand_in = Authority(host)
    for name in ("issue", "renew", "delete"):
        monkeypatch.setattr(certbot, name, getattr(stand_in, name))
    return stand_in


@pytest.fixture
def call(host, capsys):
    """Run a verb and return its answer and exit code."""

    def run(*arguments):
        code = cli.main(list(arguments), host)
        return json.loads(capsys.readouterr().out), code

    return run


def told(host) -> list[str]:
    path = host.root / "told"
    return path.read_text().split() if path.exists() else []


def test_a_site_finds_a_pair_before_any_is_issued(host, call):
    """Only root may read the key; a second time nothing changes."""
    assert call("prepare") == ({"changed": ["garden"]}, 0)
    served = pair.read(host.serving("garden") / "fullchain.pem")
    assert served.names == set(DOMAINS)
    assert (host.serving("garden") / "privkey.pem").stat().st_mode & 0o777 == 0o600
    assert call("prepare") == ({"changed": []}, 0)


def test_the_first_issue_takes_the_place_of_what_stood_in(host, call, authority):
    call("prepare")
    assert call("pending", "garden")[0] == {"pending": {"garden": "there is none"}}
    assert call("issue", "garden") == ({"changed": ["garden"], "failed": {}}, 0)
    assert authority.asked == [("issue", "garden", False)]
    assert host.serving("garden").resolve() == host.live("garden").resolve()
    assert not host.stand_in("garden").exists()
    assert told(host) == ["test", "reload"]
    # 190 days here; certbot's own rule would renew one of a few days again and again.
    assert host.renewal("garden").read_text().startswith("renew_before_expiry = 1520 hours\n[renewalparams]\n")
    outcome = host.outcome("garden")
    assert (outcome["ok"], outcome["issued"], outcome["domains"]) == (True, True, DOMAINS)


def test_who_has_a_certificate_asks_nobody(host, call, authority):
    call("prepare"), call("issue", "garden")
    authority.asked.clear()
    assert call("pending", "garden") == ({"pending": {}}, 0)
    assert call("issue", "garden") == ({"changed": [], "failed": {}}, 0)
    assert authority.asked == []
    assert told(host) == ["test", "reload"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda host: issued(host.live("garden"), ["garden.test"]), "it has other names"),
        (lambda host: issued(host.live("garden"), DOMAINS, days=-1), "it has expired"),
        (lambda host: (home(host) / "private_key.json").unlink(), "its account is gone"),
        (
            lambda host: host.renewal("garden").write_text("account = 1a2b\nserver = https://other.test/dir\n"),
            "another directory issued",
        ),
    ],
    ids=["names", "expired", "account", "directory"],
)
def test_what_does_not_do_is_issued_again(host, call, authority, change, why):
    call("prepare"), call("issue", "garden")
    change(host)
    assert call("pending", "garden")[0]["pending"]["garden"].startswith(why)
    assert call("issue", "garden") == ({"changed": ["garden"], "failed": {}}, 0)
    assert authority.asked[-1] == ("issue", "garden", True)
    assert call("pending", "garden")[0] == {"pending": {}}


def test_a_renewal_reaches_the_web_server_and_none_leaves_it_alone(host, call, authority):
    call("prepare"), call("issue", "garden")
    assert call("renew") == ({"changed": [], "failed": {}}, 0)
    assert told(host) == ["test", "reload"]
    authority.renews = True
    assert call("renew") == ({"changed": ["garden"], "failed": {}}, 0)
    assert told(host) == ["test", "reload"] * 2


def test_a_failed_renewal_says_why_and_what_served_still_does(host, call, authority):
    call("prepare"), call("issue", "garden")
    before = pair.read(host.serving("garden") / "fullchain.pem")
    authority.refusal = "Failed to renew certificate cloche-garden with error: no such account\n"
    answer, code = call("renew")
    assert (answer["failed"], code) == ({"garden": "no such account"}, 1)
    assert pair.read(host.serving("garden") / "fullchain.pem") == before
    outcome = host.outcome("garden")
    assert (outcome["ok"], outcome["reason"], outcome["issued"]) == (False, "no such account", True)
    authority.refusal = ""
    assert call("renew")[1] == 0
    assert host.outcome("garden")["ok"] is True


def test_the_timer_asks_for_what_a_run_could_not_have(host, call, authority):
    call("prepare")
    authority.refusal = "An unexpected error occurred:\nno answer\n"
    assert call("issue", "garden") == ({"changed": [], "failed": {"garden": "no answer"}}, 1)
    assert pair.read(host.serving("garden") / "fullchain.pem").names == set(DOMAINS)
    authority.refusal = ""
    assert call("renew")[1] == 0
    assert host.outcome("garden")["deployed"]


def test_a_broken_web_server_is_not_reloaded_and_takes_the_pair_once_it_is_whole(host, call, authority):
    call("prepare"), call("issue", "garden")
    authority.renews = True
    (host.root / "broken").touch()
    answer, code = call("renew")
    assert (code, list(answer["failed"])) == (1, ["garden"])
    assert told(host) == ["test", "reload", "test"]
    assert host.outcome("garden")["ok"] is False
    assert host.outcome("garden")["reason"].startswith("sh -c echo $0")
    (host.root / "broken").unlink()
    authority.renews = False
    assert call("renew")[1] == 0
    assert host.outcome("garden")["ok"] is True


def test_an_accounts_key_decides_who_asks(host, call, authority, monkeypatch):
    """certbot finds it where it keeps its own, and the directory is told once."""
    call("prepare"), call("issue", "garden")
    (host.configuration / "account.pem").write_text(pem(make()[1]))
    assert call("pending", "garden")[0] == {"pending": {"garden": "another account asked for it"}}
    told_of = []
    monkeypatch.setattr(account, "_register", lambda pem, settings: (told_of.append(pem), ("{}", "https://a/1"))[1])
    assert call("issue", "garden")[1] == 0
    name = account.identify(host)
    kept = host.certbot / "accounts/acme.test/dir" / name
    assert json.loads((kept / "regr.json").read_text())["uri"] == "https://a/1"
    assert (kept / "private_key.json").stat().st_mode & 0o777 == 0o400
    assert account.adopt(host, host.settings()) == name
    assert len(told_of) == 1


def test_an_account_that_the_directory_refuses_is_said(host, call, authority, monkeypatch):
    def refuse(*_):
        raise ValueError("unknown key")

    call("prepare")
    monkeypatch.setattr(account, "adopt", refuse)
    answer, code = call("issue", "garden")
    assert (answer["failed"], code) == ({"garden": "the account: unknown key"}, 1)
    assert authority.asked == []


def test_certbots_own_hook_does_it_only_once(host, call, authority):
    call("prepare"), call("issue", "garden")
    issued(host.live("garden"), DOMAINS)
    assert call("deploy", "garden") == ({"changed": ["garden"], "failed": {}}, 0)
    assert call("deploy", "garden") == ({"changed": [], "failed": {}}, 0)


def test_a_removed_application_leaves_nothing(host, call, authority):
    call("prepare"), call("issue", "garden")
    assert call("remove", "garden", "weed") == ({"changed": ["garden"], "failed": {}}, 0)
    assert not host.renewal("garden").exists()
    assert not (host.state / "garden").exists()
    assert host.wanted() == {}


def test_somebody_elses_certificates_are_renewed_with_their_own_settings(host, call, authority, monkeypatch):
    asked = []
    monkeypatch.setattr(certbot, "renew_foreign", lambda name: (asked.append(name), (1, "with error: refused"))[1])
    call("prepare"), call("issue", "garden")
    (host.renewal("garden").parent / "mail.example.conf").write_text("server = x\n")
    answer, code = call("renew")
    assert (asked, code) == (["mail.example"], 1)
    assert answer["failed"] == {"(others)": "mail.example: refused"}


@pytest.mark.parametrize("arguments", [[], ["nosuch"], ["issue", "../garden"], ["remove", "a;b"]])
def test_what_is_not_understood_changes_nothing(host, capsys, arguments):
    assert cli.main(arguments, host) == 2
    assert "prepare" in capsys.readouterr().out
    assert not host.state.exists()
