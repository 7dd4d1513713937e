"""Another host over ssh: the same jobs, the same proof, the way back. Here it is this one, as another user."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from backups import REPOSITORY, moment, psql, settle
from scenario_host import INVENTORY, PROJECT, shell

SERVICES = ["backup-", "ssh", "postgresql"]
PLAYBOOK = Path(__file__).resolve().parents[1] / "elsewhere.yml"
PROGRAM = "python3 /usr/local/lib/cloche/backup"


def send(target: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """Set the role up for a target."""
    given = folder / "target.json"
    given.write_text(json.dumps({"backup_target": target}))
    argv = ["ansible-playbook", "-i", str(INVENTORY), "-e", f"@{given}", str(PLAYBOOK)]
    return subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def keeper(tmp_path):
    """Give a target of the kind sftp; in the end backups go to the local folder again."""
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
    result = send({"kind": "local", "path": REPOSITORY}, tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    shell("systemctl stop ssh; userdel --remove keeper; rm -f /root/keeper*")


def test_backups_go_to_another_host_and_come_back(host, keeper, tmp_path):
    result = send(keeper, tmp_path)
    if 'VERSION_ID="12"' in shell("cat /etc/os-release"):
        assert "Debian 12" in result.stdout + result.stderr
        return
    assert result.returncode == 0, result.stdout + result.stderr
    done = json.loads(shell(f"{PROGRAM} first", timeout=180))
    assert [(record["job"], record["outcome"]) for record in done] == [
        (j, "done") for j in ("database", "files", "drill")
    ]
    assert {entry["what"] for entry in json.loads(shell(f"{PROGRAM} list"))} == {"database", "media garden"}
    psql("CREATE TABLE carried AS SELECT 1 AS n")
    settle()
    at = time.time()
    settle()
    psql("DROP TABLE carried")
    shell(f"{PROGRAM} restore --at '{moment(at)}' --what database", timeout=180)
    assert psql("SELECT n FROM carried") == "1"
    shell("systemctl stop supervisor && systemctl start supervisor", timeout=180)
    assert shell("stat -c %U /home/keeper/backups/postgres").strip() == "keeper"
