"""Both stores hold any secret, lose none when a write is interrupted, and leave the rest of a file as it is."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.secrets_store import opening, writing, yaml_text
from ansible.module_utils.secrets_store.errors import SecretsError
from ansible.module_utils.secrets_store.folder import Folder
from ansible.module_utils.secrets_store.vault_file import VaultFile
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret

HOSTILE = "p% $#'\"\\:@/ ü{{ x }}%(here)s;`id`$(id)~ - &a *b !c ? | > [x] {y} é𝄞"
FILE = """\
# Who may know these: see the handbook.

vault_a: "first"   # since spring
vault_block: |
  two
  lines

vault_b:   plain text
vault_map: {x: 1}
# the end
"""


def vault() -> VaultLib:
    return VaultLib([("default", VaultSecret(b"correct horse"))])


@pytest.fixture(params=["vault", "folder"])
def store(request, tmp_path: Path):
    """Each of the two, empty."""
    made_in = str(tmp_path / "private") if request.param == "folder" else ""
    return opening.open_store(tmp_path, made_in, vault())


def test_a_store_gives_back_what_it_was_given(store):
    store.write({"vault_a": HOSTILE, "vault_rotations": {"app.redis": {"old": HOSTILE}}})
    store.write({"vault_b": "another"})
    assert store.read("vault_a") == HOSTILE
    assert store.read("vault_rotations") == {"app.redis": {"old": HOSTILE}}
    assert sorted(store.names()) == ["vault_a", "vault_b", "vault_rotations"]
    store.write({"vault_b": None, "vault_rotations": None})
    assert store.names() == ["vault_a"]
    assert store.read("vault_b") is None


def test_a_write_that_breaks_off_loses_nothing(store, monkeypatch):
    """The disk is full, or the machine ends, at the last moment before the new file takes the old one's place."""
    store.write({"vault_a": "old"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        store.write({"vault_a": "new"})
    monkeypatch.undo()
    assert store.read("vault_a") == "old"
    place = Path(store.place)
    assert [path.name for path in (place if place.is_dir() else place.parent).iterdir() if path.name[0] == "."] == []


def test_files_are_for_their_owner_alone(store, tmp_path):
    os.umask(0o022)
    store.write({"vault_a": "x" * 20, "vault_rotations": {"a": {}}})
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_two_who_write_at_the_same_time_both_do(store):
    store.write({"vault_a": "x"})
    writers = [threading.Thread(target=store.write, args=({f"vault_{number}": "x"},)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(store.names()) == 9


def test_what_is_not_changed_stays_as_it_is(tmp_path):
    """Comments, order, quotes and blocks: somebody wrote them for a reason."""
    path = tmp_path / "group_vars/all/vault.yml"
    path.parent.mkdir(parents=True)
    path.write_bytes(vault().encrypt(FILE))
    store = opening.open_store(tmp_path, "", vault())
    store.write({"vault_b": HOSTILE, "vault_new": "n"})
    text = vault().decrypt(path.read_bytes()).decode()
    before, after = FILE.splitlines(), text.splitlines()
    assert after[:7] + after[8:-1] == before[:7] + before[8:]
    assert after[7].startswith('vault_b:   !unsafe "')
    assert after[-1] == 'vault_new: "n"'
    store.write({"vault_b": "plain text", "vault_new": None})
    assert vault().decrypt(path.read_bytes()).decode() == FILE.replace("plain text", '"plain text"')


def test_ansible_reads_what_was_written(tmp_path):
    """As text: a secret with braces is no template."""
    path = tmp_path / "group_vars/all/vault.yml"
    opening.open_store(tmp_path, "", vault()).write({"vault_a": HOSTILE, "vault_rotations": {"x": {"old": HOSTILE}}})
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT;")
    loader = DataLoader()
    loader.set_vault_secrets(vault().secrets)
    found = loader.load_from_file(str(path), trusted_as_template=True)
    from ansible.template import Templar

    assert Templar(loader=loader, variables=found).template(found) == {
        "vault_a": HOSTILE,
        "vault_rotations": {"x": {"old": HOSTILE}},
    }


@pytest.mark.parametrize(
    ("text", "name"), [('a: "{{ b }}"\n', "a"), ("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n", "a")]
)
def test_what_is_worked_out_elsewhere_is_not_guessed(text, name, tmp_path):
    store = VaultFile(tmp_path / "v.yml", bytes.decode, str.encode)
    (tmp_path / "v.yml").write_text(text)
    assert store.names() == [name]
    with pytest.raises(SecretsError, match="template or encrypted"):
        store.read(name)


@pytest.mark.parametrize("text", ["a: [1\n", "- a\n", "just words\n", "a: 1\na: 2\n"])
def test_a_broken_file_is_named_without_its_content(text, tmp_path):
    (tmp_path / "v.yml").write_text("secret: hunter2\n" * text.startswith("a") + text)
    store = VaultFile(tmp_path / "v.yml", bytes.decode, str.encode)
    with pytest.raises(SecretsError, match="correct it") as caught:
        store.names()
    assert "hunter2" not in str(caught.value)


def test_a_wrong_password_is_told_without_the_content(tmp_path):
    opening.open_store(tmp_path, "", vault()).write({"vault_a": "x"})
    wrong = VaultLib([("default", VaultSecret(b"wrong"))])
    with pytest.raises(SecretsError, match="ANSIBLE_VAULT_PASSWORD_FILE"):
        opening.open_store(tmp_path, "", wrong).read("vault_a")
    (tmp_path / "other").mkdir()
    with pytest.raises(SecretsError, match="no password"):
        opening.open_store(tmp_path / "other", "", VaultLib([])).write({"vault_a": "x"})


def test_secrets_in_clear_are_refused(tmp_path):
    path = tmp_path / "group_vars/all/vault.yml"
    path.parent.mkdir(parents=True)
    path.write_text("vault_a: x\n")
    with pytest.raises(SecretsError, match="not encrypted"):
        opening.open_store(tmp_path, "", vault())


def test_a_file_of_its_own_cannot_hold_everything(tmp_path):
    """Ansible's lookup cuts blanks off; a secret that would come back as another one is refused."""
    for value in (" a", "a ", "a\nb", "a salt=b"):
        with pytest.raises(SecretsError, match="cannot hold"):
            Folder(tmp_path).write({"vault_a": value})


@pytest.mark.parametrize("value", [HOSTILE, "007", "yes", "", "a: b", "é" * 300])
@pytest.mark.parametrize("before", ["a: x", "a: x\n", "a:\n  - x\nb: y\n", "a:\nb: y\n", "a: |\n  x\n\nb: y\n", ""])
def test_any_value_takes_the_place_of_any_other(before, value):
    text = yaml_text.changed(before, {"a": value})
    assert yaml_text.values(text)["a"] == value
    assert ("b" in yaml_text.values(text)) == ("b" in (yaml.safe_load(before) or {}))
