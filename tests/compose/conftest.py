"""Which two stacks are compared.

pytest tests/compose/test_parity.py --lab lab --project cloche --table parity.md
"""

import subprocess
from collections.abc import Sequence

import pytest
from readers import Runner, Side

OPTIONS = {
    "--lab": "name of a container that is a host with everything on it",
    "--project": "name of a compose project that runs",
    "--services": "which of the project's services, with commas between (default: all)",
    "--table": "file that the table is written to",
}
SERVICES = "db,redis,redis_cache,rabbitmq,nginx,web"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("compose")
    for option, help_text in OPTIONS.items():
        group.addoption(option, default=SERVICES if option == "--services" else "", help=help_text)


def in_container(container: str) -> Runner:
    """Return a runner of commands in a container, as its own user."""

    def run(command: Sequence[str]) -> str:
        done = subprocess.run(
            ["docker", "exec", container, *command], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{container}: {command[0]} ended with {done.returncode}: {done.stderr[-2000:]}"
        return done.stdout

    return run


def host_side(container: str, services: Sequence[str], application: str = "garden") -> Side:
    """Return a host of the roles that has everything."""
    files = {
        "redis": f"/etc/redis/redis-{application}-state.conf",
        "redis_cache": f"/etc/redis/redis-{application}-cache.conf",
    }
    home = f"/srv/{application}/current"
    return Side(
        dict.fromkeys(services, in_container(container)), files, application,
        python=(f"{home}/run", "python"), gunicorn=f"{home}/gunicorn.conf.py",
    )  # fmt: skip


def compose_side(project: str, services: Sequence[str], application: str = "garden") -> Side:
    """Return a compose project, the first container of each service."""
    files = dict.fromkeys(("redis", "redis_cache"), "/run/redis/redis.conf")
    return Side({name: in_container(f"{project}-{name}-1") for name in services}, files, application)


@pytest.fixture(scope="session")
def sides(pytestconfig: pytest.Config) -> tuple[Side, Side]:
    """The lab and the compose project."""
    lab = pytestconfig.getoption("--lab") or pytest.skip("no --lab given")
    project = pytestconfig.getoption("--project") or pytest.skip("no --project given")
    services = pytestconfig.getoption("--services").split(",")
    return host_side(lab, services), compose_side(project, services)
