"""After an exchange: the way back, earlier keys, and a vault instead of files."""

import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import ansible.module_utils
import pytest
from ansible.parsing.vault import VaultLib, VaultSecret
from polling import until
from rotating import ALL, FILES, STORE, gets_in, history, login, rotate, rotate_badly, value
from scenario_host import INVENTORY, PROJECT, SCRATCH, Site, current, play, programs
from signed import Signed

ansible.module_utils.__path__.append(str(PROJECT / "plugins/module_utils"))

from ansible.module_utils.secrets_store.folder import Folder  # noqa: E402
from ansible.module_utils.secrets_store.opening import open_store  # noqa: E402
from ansible.module_utils.secrets_store.rotation import ROTATIONS  # noqa: E402

COMMENT = "# Who may know these: see the handbook."
SOURCE = SCRATCH / "source"
pytestmark = pytest.mark.skipif(not ALL, reason="runs with `make test-all`")


def test_a_way_back_after_an_exchange_leads_to_the_code_before():
    """The older release's programs read the same secrets."""
    older = current("garden")
    version = SOURCE / "core/version.py"
    version.write_text('"""Which version this is."""\n\nVERSION = "newer"\n')
    play("deploy", "-e", "release_only=garden")
    newer, old = current("garden"), login("postgres")
    rotate("postgres")
    moved = current("garden")
    assert moved != newer
    assert moved.rpartition("-")[0] == newer.rpartition("-")[0]
    play("rollback", "-e", "release_only=garden", "-e", "release_verb=rollback")
    assert current("garden") == older
    assert Site("localhost").request("GET", "/readyz").status_code == 200
    assert not gets_in("postgres", old)
    assert [entry["verb"] for entry in history()[-3:]] == ["deploy", "rotate", "rollback"]
    version.unlink()


@pytest.fixture
def no_bundle(tmp_path: Path) -> Iterator[None]:
    """A checkout in which the live release was not built."""
    live = list((PROJECT / "dist").glob(f"garden-{current('garden').rpartition('-')[0]}-*"))
    assert live
    for path in live:
        shutil.move(path, tmp_path)
    yield
    for path in live:
        shutil.move(tmp_path / path.name, path)


def test_another_checkout_can_exchange_as_well(no_bundle):
    """What is live is taken from the hosts, where its bundle is not in dist/."""
    before, old = current("garden"), login("redis")
    rotate("redis")
    assert current("garden") != before
    assert current("garden").rpartition("-")[0] == before.rpartition("-")[0]
    assert Site("localhost").request("GET", "/readyz").status_code == 200
    assert not gets_in("redis", old)


def test_data_from_before_an_exchange_accept_the_secrets_of_now():
    """What comes back knows who might sign in at that time."""
    play("backup", timeout=600)
    time.sleep(2)
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    time.sleep(1)
    for secret in ("postgres", "rabbitmq"):
        rotate(secret)
    given = {"restore_at": at, "restore_what": "database,rabbitmq"}
    play("restore", "-e", json.dumps(given), timeout=600)
    site = Site("localhost")
    until(lambda: site.request("GET", "/readyz").status_code, lambda answered: answered == 200, 60)
    until(lambda: set(programs().values()), lambda states: states == {"RUNNING"}, 60)
    for secret in ("postgres", "rabbitmq"):
        assert gets_in(secret, login(secret))


def test_earlier_keys_go_when_their_time_is_over(signed):
    """And with the second exchange at the latest."""
    rotate("django")
    mine = Signed.made()
    rotate("django")
    assert mine.link_is_good()
    assert mine.session_is_good()
    assert not signed.link_is_good(), "a key outlived two exchanges"
    play("deploy", "-e", "release_only=garden", "-e", "django_fallback_days=0")
    assert not mine.link_is_good()
    assert not mine.session_is_good()
    assert Signed.made().session_is_good()


def test_an_application_that_reads_no_earlier_keys_keeps_its_own():
    settings = SOURCE / "config/settings/production.py"
    before = settings.read_text()
    settings.write_text(before.replace('env.names("SECRET_KEY_FALLBACKS", default=())', "()"))
    try:
        play("deploy", "-e", "release_only=garden", "-e", '{"release_allow": ["removed_tasks"]}')
        mine, key = Signed.made(), value("django")
        assert "does not read SECRET_KEY_FALLBACKS" in rotate_badly("django")
        assert value("django") == key
        assert mine.session_is_good()
    finally:
        settings.write_text(before)
    play("deploy", "-e", "release_only=garden")
    rotate("django")
    assert mine.session_is_good()


@pytest.fixture
def vaulted(tmp_path: Path, monkeypatch) -> Iterator[Path]:
    """The scenario's inventory with its secrets in an encrypted file; afterwards the lab's files hold the same."""
    inventory, lab = tmp_path / "inventory", Folder(STORE)
    shutil.copytree(INVENTORY, inventory)
    (tmp_path / "password").write_text("correct horse ü")
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(tmp_path / "password"))
    path = inventory / "group_vars/all/vault.yml"
    path.unlink()
    path.write_bytes(vault().encrypt(f"{COMMENT}\n"))
    store = open_store(inventory, "", vault())
    store.write({name: lab.read(name) for name in lab.names()})
    yield inventory
    lab.write({ROTATIONS: None} | {name: store.read(name) for name in store.names()})


def vault() -> VaultLib:
    return VaultLib([("default", VaultSecret("correct horse ü".encode()))])


@pytest.mark.parametrize("secret", ["rabbitmq", "flower"])
def test_a_vault_takes_the_new_secret(secret, vaulted):
    """Read again while the playbook runs; what else stands in the file stays."""
    path = vaulted / "group_vars/all/vault.yml"
    before = vault().decrypt(path.read_bytes()).decode()
    old = login(secret)
    said = rotate(secret, "-v", inventory=vaulted)
    after = vault().decrypt(path.read_bytes()).decode()
    changed = FILES[secret], ROTATIONS
    kept = [line for line in before.splitlines() if not any(name in line for name in changed)]
    assert kept[0] == COMMENT
    assert [line for line in after.splitlines() if not any(name in line for name in changed)] == kept
    new = open_store(vaulted, "", vault()).read(f"vault_{FILES[secret]}")
    assert new != old.password
    assert not gets_in(secret, old)
    for one in (old.password, new):
        assert one not in said
