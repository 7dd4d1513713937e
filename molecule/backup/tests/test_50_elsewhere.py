"""Another host over ssh, or S3: the same jobs, the same proof, the way back. Here both are this host itself."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from backups import REPOSITORY, moment, psql, settle
from scenario_host import HOST, INVENTORY, PROJECT, shell

SERVICES = ["backup-", "ssh", "postgresql", "s3"]
SCENARIO = Path(__file__).resolve().parents[1]
PROGRAM = "python3 /usr/local/lib/cloche/backup"
#: In a table: it must not be found in what is kept.
MARK = "what-nobody-else-may-read"
S3 = """
cd /root
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=s3 -keyout s3.key -out s3.pem 2> /dev/null
systemd-run --quiet --collect --unit s3 python3 /root/s3.py /srv/kept 9443 /root/s3.pem /root/s3.key an-access-key
"""


def send(target: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """Set the role up for a target."""
    given = folder / "target.json"
    given.write_text(json.dumps({"backup_target": target}))
    argv = ["ansible-playbook", "-i", str(INVENTORY), "-e", f"@{given}", str(SCENARIO / "elsewhere.yml")]
    return subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def here_again(tmp_path: Path) -> Iterator[None]:
    """In the end backups go to the local folder again."""
    yield
    result = send({"kind": "local", "path": REPOSITORY}, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture
def keeper(here_again) -> Iterator[dict[str, Any]]:
    """A target of the kind sftp."""
    shell(
        "useradd --create-home keeper && install -d -m 700 -o keeper /home/keeper/.ssh"
        " && ssh-keygen -q -t ed25519 -N '' -f /root/keeper && install -m 600 -o keeper /root/keeper.pub"
        " /home/keeper/.ssh/authorized_keys && systemctl start ssh"
    )
    host_keys = [" ".join(line.split()[:2]) for line in shell("cat /etc/ssh/ssh_host_*_key.pub").splitlines()]
    yield {
        "kind": "sftp", "host": "127.0.0.1", "user": "keeper", "path": "/home/keeper/backups",
        "key": shell("cat /root/keeper"), "host_keys": host_keys,
    }  # fmt: skip
    shell("systemctl stop ssh; userdel --remove keeper; rm -f /root/keeper*")


@pytest.fixture
def bucket(here_again) -> Iterator[dict[str, Any]]:
    """A target of the kind s3: a service with no certificate that anybody would trust."""
    source = str(SCENARIO / "files/s3.py")
    subprocess.run(["docker", "cp", source, f"{HOST}:/root/s3.py"], check=True, capture_output=True)
    shell(S3)
    yield {
        "kind": "s3", "endpoint": "127.0.0.1:9443", "region": "eu-1", "bucket": "backups", "path": "/here",
        "key": "an-access-key", "secret": "kept-to-oneself", "path_style": True, "verify_tls": False,
    }  # fmt: skip
    shell("systemctl stop s3; rm -rf /root/s3.* /srv/kept")


def comes_and_goes(target: dict[str, Any], folder: Path, kept: str) -> None:
    """Back up to a target, prove it, and bring a second back; ``kept`` is where the target has it on this host."""
    psql("DROP TABLE IF EXISTS carried")
    psql(f"CREATE TABLE carried AS SELECT '{MARK}' || n AS mark FROM generate_series(1, 100) n")
    result = send(target, folder)
    assert result.returncode == 0, result.stdout + result.stderr
    done = json.loads(shell(f"{PROGRAM} first", timeout=180))
    assert [(record["job"], record["outcome"]) for record in done] == [
        (j, "done") for j in ("database", "files", "drill")
    ]
    assert {entry["what"] for entry in json.loads(shell(f"{PROGRAM} list"))} == {"database", "media garden"}
    settle()
    at = time.time()
    settle()
    psql("DROP TABLE carried")
    shell(f"{PROGRAM} restore --at '{moment(at)}' --what database", timeout=180)
    assert psql("SELECT count(*) FROM carried") == "100"
    assert int(shell(f"find {kept} -type f | wc -l")) > 10
    assert shell(f"grep -rlF {MARK} {kept} || true") == ""
    shell("systemctl stop supervisor && systemctl start supervisor", timeout=180)


def test_backups_go_to_another_host_and_come_back(host, keeper, tmp_path):
    if 'VERSION_ID="12"' in shell("cat /etc/os-release"):
        result = send(keeper, tmp_path)
        assert result.returncode != 0
        assert "Debian 12" in result.stdout + result.stderr
        return
    comes_and_goes(keeper, tmp_path, "/home/keeper/backups")
    assert shell("stat -c %U /home/keeper/backups/postgres").strip() == "keeper"


def test_backups_go_to_s3_and_come_back(host, bucket, tmp_path):
    comes_and_goes(bucket, tmp_path, "/srv/kept")


def test_an_s3_that_refuses_makes_no_backup(host, bucket, tmp_path):
    result = send(bucket | {"key": "somebody-elses"}, tmp_path)
    done = result.stdout + result.stderr + shell(f"{PROGRAM} database || true", timeout=180)
    assert "failed" in done
    assert "kept-to-oneself" not in done
