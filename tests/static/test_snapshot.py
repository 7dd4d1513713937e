"""The snapshot that scenarios start from: made once for what it depends on, whole or not at all, one checkout's own."""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT, load
from snapshot import __main__ as command
from snapshot import making, shelf
from snapshot.key import digest
from snapshot.shelf import Shelf

STACKED = [path for path in ROOT.glob("molecule/*/*.yml") if "_shared/from_stack.yml" in path.read_text()]


class Engine:
    """What `docker` does with images: names and ids."""

    def __init__(self):
        self.images: dict[str, str] = {}
        self.commits = 0

    def __call__(self, verb: str, *arguments: str, check: bool = True) -> str:
        if verb == "commit":
            self.commits += 1
            self.images[arguments[1]] = f"sha256:{self.commits}"
        elif arguments[:1] == ("ls",):
            return "\n".join(self.images)
        elif arguments[:1] == ("inspect",):
            return self.images.get(arguments[-1], "")
        elif arguments[:1] == ("rm",) and verb == "image":
            self.images.pop(arguments[1], None)
        return ""


@pytest.fixture
def engine(monkeypatch):
    engine = Engine()
    monkeypatch.setattr(shelf, "docker", engine)
    monkeypatch.setattr(making, "docker", engine)
    return engine


@pytest.fixture
def kept(tmp_path):
    return Shelf(tmp_path / "snapshots", "aaaaaa")


@pytest.fixture
def made(monkeypatch):
    """Return the hosts that were made; each has a secret of its own."""
    hosts = []

    def make(host, folder):
        hosts.append(host)
        private = folder / "private"
        (private / "secrets").mkdir(parents=True)
        private.chmod(0o700)
        (private / "secrets/operator").write_text(f"secret of {len(hosts)}")
        return private

    monkeypatch.setattr(making, "make", make)
    return hosts


def borrow(kept, wanted, directory):
    with kept.alone():
        return command.borrow(kept, wanted, directory)


def test_it_is_made_once_and_each_scenario_gets_its_secrets(engine, kept, made, tmp_path):
    names = {borrow(kept, "one", tmp_path / scenario) for scenario in ("release", "garden")}
    assert names == {"cloche/stack:aaaaaa-one"}
    assert made == ["cloche-snapshot-aaaaaa"]
    for scenario in ("release", "garden"):
        assert (tmp_path / scenario / "secrets/operator").read_text() == "secret of 1"
        assert (tmp_path / scenario).stat().st_mode & 0o777 == 0o700


def test_secrets_of_an_earlier_run_do_not_stay(engine, kept, made, tmp_path):
    """The host has the snapshot's passwords: any other would be changed on it."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private/garden").write_text("older")
    borrow(kept, "one", tmp_path / "private")
    assert sorted(path.name for path in (tmp_path / "private").iterdir()) == ["secrets"]


def test_another_state_of_the_kit_is_another_snapshot_and_the_old_one_goes(engine, kept, made, tmp_path):
    engine.images["cloche/stack:bbbbbb-one"] = "sha256:another checkout's"
    for wanted in ("one", "two"):
        borrow(kept, wanted, tmp_path / "private")
    assert sorted(engine.images) == ["cloche/stack:aaaaaa-two", "cloche/stack:bbbbbb-one"]
    assert not (kept.folder / "one").exists()
    assert (tmp_path / "private/secrets/operator").read_text() == "secret of 2"


def test_an_image_without_its_secrets_is_made_again(engine, kept, made, tmp_path):
    """A run that was killed between the two, or an image that somebody else gave this name."""
    engine.images["cloche/stack:aaaaaa-one"] = "sha256:whose secrets nobody knows"
    borrow(kept, "one", tmp_path / "private")
    assert len(made) == 1
    engine.images["cloche/stack:aaaaaa-one"] = "sha256:another"
    borrow(kept, "one", tmp_path / "private")
    assert len(made) == 2
    del engine.images["cloche/stack:aaaaaa-one"]
    borrow(kept, "one", tmp_path / "private")
    assert len(made) == 3


def test_what_a_killed_run_has_left_is_in_nobodys_way(engine, kept, made, tmp_path):
    for left in ("one.new/private/secrets", "making/private/secrets"):
        (kept.folder / left).mkdir(parents=True)
        (kept.folder / left / "left").touch()
    borrow(kept, "one", tmp_path / "private")
    assert sorted(path.name for path in kept.folder.iterdir()) == ["lock", "one"]
    assert sorted(path.name for path in (tmp_path / "private/secrets").iterdir()) == ["operator"]


def test_a_making_that_fails_leaves_nothing(engine, kept, tmp_path, monkeypatch):
    removed = []

    def fail(host, folder):
        folder.mkdir()
        raise RuntimeError("site ended with 2")

    monkeypatch.setattr(making, "make", fail)
    monkeypatch.setattr(making, "docker", lambda *arguments, **_: removed.append(arguments[-1]))
    with pytest.raises(RuntimeError, match="site ended"):
        borrow(kept, "one", tmp_path / "private")
    assert removed[-2:] == ["cloche-snapshot-aaaaaa"] * 2
    assert not kept.has("one")
    assert [path.name for path in kept.folder.iterdir()] == ["lock"]


def test_who_wants_it_meanwhile_waits(kept):
    script = (
        "import sys, pathlib; from snapshot.shelf import Shelf\nwith Shelf(pathlib.Path(sys.argv[1])).alone(): pass"
    )
    with kept.alone():
        other = subprocess.Popen([sys.executable, "-c", script, kept.folder], env={"PYTHONPATH": str(ROOT / "tests")})
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(1)
    assert other.wait(10) == 0


def test_a_scenario_can_be_told_to_begin_bare(tmp_path):
    environment = {"PYTHONPATH": str(ROOT / "tests"), "CLOCHE_COLD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "snapshot", tmp_path / "private"], env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "CLOCHE_COLD is set\n")
    assert not (tmp_path / "private").exists()


@pytest.fixture
def project(tmp_path):
    (tmp_path / "roles").mkdir()
    (tmp_path / "docs").mkdir()
    (tmp_path / "roles/main.yml").write_text("first")
    (tmp_path / ".gitignore").write_text("*.pyc\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def test_the_name_follows_what_the_host_is_made_of(project):
    seen = {digest(project, "sha256:1")}
    for change in (
        lambda: (project / "roles/main.yml").write_text("second"),
        lambda: (project / "roles/main.yml").chmod(0o755),
        lambda: (project / "roles/new.yml").touch(),
        lambda: (project / "roles/new.yml").unlink(),
    ):
        before = len(seen)
        change()
        seen.add(digest(project, "sha256:1"))
        # The last one leads back to the third.
        assert len(seen) == min(before + 1, 4)
    assert digest(project, "sha256:2") not in seen


def test_the_name_does_not_follow_anything_else(project):
    before = digest(project, "sha256:1")
    (project / "docs/page.md").touch()
    (project / "roles/main.pyc").touch()
    assert digest(project, "sha256:1") == before


@pytest.mark.parametrize("path", STACKED, ids=lambda path: path.parent.name)
def test_a_copy_keeps_the_name_of_its_broker(path):
    """Under another name it would begin with no queue at all, while its releases take theirs for declared."""
    settings = {}
    for file in sorted((path.parent / "inventory/group_vars/all").glob("*.yml")):
        settings |= load(file)
    assert settings.get("rabbitmq_node_host") == making.NODE


def test_a_snapshot_has_the_labs_topology(tmp_path):
    making.write_inventory(tmp_path / "inventory", "host", tmp_path / "private")
    written, lab = load(tmp_path / "inventory/hosts.yml")["all"], load(ROOT / "inventories/lab/hosts.yml")["all"]
    assert set(written["children"]) == set(lab["children"])
    assert all(group["hosts"] == {"host": None} for group in written["children"].values())
    assert "ports" not in written["hosts"]["host"]["container"]
