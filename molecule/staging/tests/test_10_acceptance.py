"""The acceptance suite against each web host, at the same time."""

import subprocess
import sys

import pytest
from topology import ALL, GROUPS, PRIVATE, PROJECT, inside, published

pytestmark = pytest.mark.skipif(not ALL, reason="runs with `make test-all`")


@pytest.fixture(scope="module")
def runs():
    """The suites, started side by side: half of their time they wait for tasks."""
    options = [f"--ca={PRIVATE / 'ca.crt'}", f"--operator=operator:{PRIVATE / 'secrets/operator_password'}"]
    return {
        host: subprocess.Popen(
            [sys.executable, "-m", "pytest", "-q", f"--base-url=https://localhost:{published(host, 443)}",
             f"--http-url=http://localhost:{published(host, 80)}", *options, "."],
            cwd=PROJECT / "tests/acceptance", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for host in GROUPS["web"]
    }  # fmt: skip


@pytest.mark.parametrize("web", GROUPS["web"])
def test_acceptance(runs, web):
    output, _ = runs[web].communicate(timeout=150)
    logs = inside(web, "sh", "-c", "tail -n 40 /var/log/nginx/error.log /var/log/garden/*.log")
    assert runs[web].returncode == 0, output + logs
    assert "passed" in output
    assert "skipped" not in output
