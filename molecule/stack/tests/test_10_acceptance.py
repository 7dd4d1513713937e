"""The acceptance suite, against each application by its own name, at the same time."""

import subprocess
import sys
from pathlib import Path

import pytest
from stack import DOMAINS, HOSTILE, PORTS, PRIVATE, PROJECT

SERVICES = ["supervisor", "nginx", "rabbitmq", "postgresql"]
# What orchard has: no Flower, and no plain HTTP address that would be its own.
PARTS = {
    "garden": ["."],
    "orchard": ["test_edge.py", "-k", "not operators", "test_health.py", "test_ledger.py", "test_tasks.py"],
}


@pytest.fixture(scope="module")
def operator_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the operator's password, as the inventory composes it."""
    path = tmp_path_factory.mktemp("operator") / "password"
    random = (PRIVATE / "secrets/operator").read_text(encoding="utf-8").strip()
    path.write_text(HOSTILE + random, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def runs(operator_file: Path) -> dict[str, subprocess.Popen[str]]:
    """The suites, started side by side: half of their time they wait for tasks."""
    options = {
        "garden": [f"--http-url=http://localhost:{PORTS[80]}", f"--operator=operator:{operator_file}"],
        "orchard": ["--connect-to=127.0.0.1"],
    }
    return {
        name: subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", f"--base-url=https://{DOMAINS[name]}:{PORTS[443]}",
             f"--ca={PRIVATE / 'ca.crt'}", *options[name], *PARTS[name]],
            cwd=PROJECT / "tests/acceptance", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for name in DOMAINS
    }  # fmt: skip


@pytest.mark.parametrize("name", list(DOMAINS))
def test_acceptance(host, runs, name):
    output, _ = runs[name].communicate(timeout=150)
    assert runs[name].returncode == 0, output
    assert "passed" in output
    # Nothing was left out for want of an option, except what an application does not have.
    assert ("skipped" in output) == (name == "orchard"), output
