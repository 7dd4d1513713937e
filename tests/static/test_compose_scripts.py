"""What compose's scripts make and refuse, without a container."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path):
    """A copy of compose/ without anybody's secrets."""
    ignored = shutil.ignore_patterns(".env", "__pycache__")
    shutil.copytree(PROJECT / "compose", tmp_path / "compose", ignore=ignored)
    shutil.rmtree(tmp_path / "compose/production/secrets", ignore_errors=True)
    return tmp_path


def secrets(tree: Path, environment: str) -> None:
    subprocess.run([tree / "compose/secrets", environment], check=True, capture_output=True, timeout=30)


def values(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@pytest.mark.parametrize("environment", ["local", "broker"])
def test_each_generated_variable_gets_a_value_of_its_own_once(tree, environment):
    secrets(tree, environment)
    path = tree / f"compose/{environment}/.env"
    found = values(path)
    passwords = [value for name, value in found.items() if name.endswith("PASSWORD")]
    assert len(set(passwords)) == len(passwords) >= 2
    assert all(re.fullmatch("[0-9a-f]{64}", password) for password in passwords)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secrets(tree, environment)
    assert values(path) == found


def test_production_s_secrets_are_files_that_only_their_owner_reaches(tree):
    secrets(tree, "production")
    folder = tree / "compose/production/secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {path.name: path.read_text() for path in folder.iterdir()}
    # In the containers, under other users, they are read as they are.
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert files["postgres_password"] in files["database_url"]
    assert files["redis_password"] in files["cache_url"]
    assert files["rabbitmq_password"] in files["broker_url"]
    assert not [name for name, text in files.items() if name.endswith(("password", "_url")) and text.endswith("\n")]
    assert not [v for v in values(tree / "compose/production/.env").values() if v in files.values()]
    secrets(tree, "production")
    assert {path.name: path.read_text() for path in folder.iterdir()} == files


def test_a_secret_that_is_missing_is_made_again_beside_those_that_are_there(tree):
    secrets(tree, "production")
    folder = tree / "compose/production/secrets"
    before = (folder / "postgres_password").read_text()
    (folder / "operator_htpasswd").unlink()
    secrets(tree, "production")
    assert (folder / "operator_htpasswd").read_text().startswith("operator:$6$")
    assert (folder / "postgres_password").read_text() == before


def test_an_unknown_environment_is_refused_by_name():
    done = subprocess.run([PROJECT / "bin/compose", "nowhere", "ps"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "nowhere" in done.stderr and "production" in done.stderr


def test_without_its_cache_mounts_the_dockerfile_builds_the_same():
    """bin/compose hands this to a builder that knows none."""
    text = (PROJECT / "compose/production/django/Dockerfile").read_text()
    classic = re.sub(r"--mount=[^ ]* ", "", text)
    assert "--mount" in text and "--mount" not in classic
    assert "/opt/venv/bin/pip install --require-hashes" in classic
    assert len(classic.splitlines()) == len(text.splitlines())


def test_settings_of_a_deploy_keep_every_other_line(tree):
    (tree / "compose/production/.env").write_text("# a comment\nBIND=0.0.0.0\nAPP_IMAGE=a:1\n")
    program = "import settings; settings.write(APP_IMAGE='a:2', PREVIOUS_IMAGE='a:1'); print(settings.read())"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tree / "compose/deployment", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "{'BIND': '0.0.0.0', 'APP_IMAGE': 'a:2', 'PREVIOUS_IMAGE': 'a:1'}"
    assert (tree / "compose/production/.env").read_text().startswith("# a comment\nBIND=0.0.0.0\n")
