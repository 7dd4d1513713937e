"""Each secret is exchanged under a steady load: nothing is refused, lost or done twice; then the old one is no good."""

import json
import time

import pytest
from load import marks, verdict
from load.process import Load
from rotating import ALL, KEYS, SECRETS, Login, exchanges, gets_in, history, load_plan, login, rotate, rotations, value
from scenario_host import SCRATCH, current, play, shell
from signed import Signed

#: What `make test` has time for: the one with a service, two accounts and sessions of the database.
SHORT = ["postgres"]
QUIET_SECONDS = 10


def sites_servers() -> str:
    """Return the processes of nginx that serve the sites: each reload starts others."""
    return shell("pgrep -P $(cat /run/nginx.pid)")


@pytest.fixture(scope="module")
def exchanged(signed):
    """Exchange one after the other under load; return the verdict and who signed in before, by secret."""
    kept, told = SCRATCH / "samples.ndjson", SCRATCH / "marks.ndjson"
    told.unlink(missing_ok=True)
    load, before, seconds, servers = Load(load_plan(), kept), {}, {}, sites_servers()
    load.start()
    try:
        time.sleep(QUIET_SECONDS)
        for secret in SECRETS if ALL else SHORT:
            before[secret] = login(secret)
            began = time.monotonic()
            rotate(secret, marks=told)
            seconds[secret] = round(time.monotonic() - began, 1)
            time.sleep(QUIET_SECONDS / 2)
    finally:
        load.stop()
    found = verdict.judge(kept, marks.read(told)) | {"reloads": sites_servers() != servers}
    print(json.dumps({"seconds": seconds, "requests": found["requests"], "ledger": found["ledger"]}, default=str))
    return found, before


def test_nothing_is_dropped(exchanged):
    """Every request was answered with 2xx, every accepted key was completed, once."""
    found, before = exchanged
    print(json.dumps(found, indent=1, default=str)[:6000])
    assert found["dropped"] == []
    assert found["requests"]["get"]["sent"] > 40 * QUIET_SECONDS * len(before)
    assert found["requests"]["post"]["sent"] > 8 * QUIET_SECONDS * len(before)


def test_no_site_is_reloaded(exchanged):
    """A reload of nginx before 1.27.4 ends a kept connection on which a request may be under way."""
    found, _ = exchanged
    assert not found["reloads"]


@pytest.mark.parametrize("secret", [name for name in SECRETS if name != "django"])
def test_the_old_secret_is_refused_and_the_new_one_accepted(secret, exchanged):
    _, before = exchanged
    if secret not in before:
        pytest.skip("runs with `make test-all`")
    old, new = before[secret], login(secret)
    assert new.password == value(secret) != old.password
    assert gets_in(secret, new)
    assert not gets_in(secret, old)
    assert not gets_in(secret, Login(new.user, old.password))
    assert not rotations().get(KEYS.get(secret, "operator"), {}).get("phase")


def test_what_the_old_key_signed_is_good(exchanged, signed):
    """Sessions and links outlive each exchange, that of the key as well."""
    assert signed.link_is_good()
    assert signed.session_is_good()
    assert Signed.made().session_is_good()


def test_hosts_remember_it(exchanged):
    """Each handover has its line, and a way back leads to other code, not to the same with an older secret."""
    lines = [entry for entry in history() if entry["verb"] == "rotate"]
    # Two for Django's key: it is known everywhere before anything is signed with it.
    assert [entry["outcome"] for entry in lines] == ["live"] * (5 if ALL else 1)
    assert lines[-1]["release"] == current("garden")
    assert len({entry["release"].rpartition("-")[0] for entry in lines}) == 1
    whats = [secret if secret == "flower" else f"{secret}, garden" for secret in exchanged[1]]
    assert exchanges() == [(what, "done") for what in whats]


@pytest.mark.skipif(not ALL, reason="runs with `make test-all`")
def test_a_converged_host_stays_as_it_is(exchanged):
    """site.yml brings about what the exchange did, and finds it done."""
    assert "; 0 changed" in play("site", timeout=600)
