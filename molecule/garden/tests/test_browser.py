"""The browser tests, against an application whose upstreams and mail server answer."""

import os
import secrets
import subprocess
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[3]
PRIVATE = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"]) / "private"
INVENTORY = Path(os.environ["MOLECULE_INVENTORY_FILE"]).parent
[(HOST, _host)] = yaml.safe_load((INVENTORY / "hosts.yml").read_text(encoding="utf-8"))["all"]["hosts"].items()
PORTS = {int(inside): int(outside) for _, outside, inside in (p.split(":") for p in _host["container"]["ports"])}
SERVICES = ["supervisor", "nginx", "rabbitmq", "postgresql", "fakes"]
SECONDS = 900


@pytest.fixture(scope="module")
def staff() -> str:
    """A new superuser, as ``name:password-file``."""
    name, path = f"browser-{secrets.token_hex(4)}", PRIVATE / "secrets/staff"
    path.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    path.chmod(0o600)
    create = f"createsuperuser --noinput --username {name} --email {name}@garden.test"
    command = ["/srv/garden/current/run", "python", "manage.py", *create.split()]
    subprocess.run(
        ["docker", "exec", "--env", "DJANGO_SUPERUSER_PASSWORD", HOST, *command], check=True, timeout=60,
        env=os.environ | {"DJANGO_SUPERUSER_PASSWORD": path.read_text(encoding="utf-8")},
    )  # fmt: skip
    return f"{name}:{path}"


def test_browser(host, staff):
    settings = {
        "CLOCHE_BASE_URL": f"https://localhost:{PORTS[443]}",
        "CLOCHE_CA": str(PRIVATE / "ca.crt"),
        "CLOCHE_STAFF": staff,
        "CLOCHE_FAKES": f"http://localhost:{PORTS[9080]}",
    }
    done = subprocess.run(
        [PROJECT / "bin/browser-tests", "-q"], env=os.environ | settings, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
    # Nothing was left out for want of an option.
    assert "skipped" not in done.stdout, done.stdout
