"""compose/production as the outside sees it, and what its containers may and know."""

from __future__ import annotations

import subprocess

import pytest
from stack import Stack, docker

PROCESSES = {"web", "celery_worker", "celery_worker_slow", "celery_beat", "flower"}
SERVICES = {"db", "redis", "redis_cache", "rabbitmq", "nginx"} | PROCESSES
NAMES = ["postgres_password", "rabbitmq_password", "redis_password", "secret_key", "operator_password", "tls_key"]


def running(stack: Stack) -> dict[str, dict]:
    """Return the running containers by service; each of them has one here."""
    found = stack.containers().values()
    return {c["Config"]["Labels"]["com.docker.compose.service"]: c for c in found if c["State"]["Running"]}


def test_the_acceptance_suite(acceptance, production):
    output = acceptance(
        f"--base-url=https://localhost:{production.settings['HTTPS_PORT']}",
        f"--ca={production.tree}/compose/production/secrets/ca.crt",
        f"--http-url=http://localhost:{production.settings['HTTP_PORT']}",
        f"--operator=operator:{production.tree}/compose/production/secrets/operator_password",
    )
    assert "skipped" not in output


def test_every_service_runs_and_is_healthy(production):
    found = running(production)
    assert set(found) == SERVICES
    assert {c["State"]["Health"]["Status"] for name, c in found.items() if name != "celery_beat"} == {"healthy"}
    # It is asked for a tick, and has some minutes for the first.
    assert found["celery_beat"]["State"]["Health"]["Status"] in {"starting", "healthy"}
    migrate = production.containers()["migrate-1"]["State"]
    assert (migrate["Running"], migrate["ExitCode"]) == (False, 0)


def test_only_nginx_is_reached_from_outside(production):
    ports = {name: c["HostConfig"]["PortBindings"] or {} for name, c in running(production).items()}
    assert {name for name, bound in ports.items() if bound} == {"nginx"}
    assert {int(bound[0]["HostPort"]) for bound in ports["nginx"].values()} == {29543, 29580}
    assert {bound[0]["HostIp"] for bound in ports["nginx"].values()} == {"127.0.0.1"}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_a_container_may_do_little(production, service):
    container = running(production)[service]
    status = docker("exec", container["Id"], "cat", "/proc/1/status")
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert "0" not in facts["Uid"].split()
    assert {int(facts[name], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {0}
    assert facts["NoNewPrivs"] == "1"
    assert container["HostConfig"]["ReadonlyRootfs"]
    wrote = subprocess.run(["docker", "exec", container["Id"], "touch", "/usr/x"], capture_output=True, check=False)
    assert b"Read-only file system" in wrote.stderr


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_no_secret_is_where_others_look(production, service):
    container = running(production)[service]
    environment = subprocess.run(
        ["docker", "exec", container["Id"], "cat", "/proc/1/environ", "/proc/1/cmdline"],
        capture_output=True,
        check=True,
    ).stdout.decode(errors="replace")
    told = docker("inspect", container["Id"]) + docker("history", "--no-trunc", container["Image"]) + environment
    assert environment
    assert [name for name in NAMES if production.secret(name).strip() in told] == []


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_the_first_process_is_the_program_or_tini(production, service):
    """So TERM reaches it, and not a shell that keeps it to itself."""
    first = docker("exec", running(production)[service]["Id"], "cat", "/proc/1/comm").strip()
    programs = {"db": "postgres", "redis": "redis-server", "redis_cache": "redis-server", "rabbitmq": "beam.smp"}
    assert first == programs.get(service, "nginx" if service == "nginx" else "tini")


def test_a_task_from_a_shell_runs_in_the_worker(production):
    program = "from canvas.tasks import divide; print(divide.delay(1, 2).get(timeout=20))"
    assert production.execute("web", "python", "manage.py", "shell", "-c", program).strip().endswith("0.5")
    logged = production.execute("celery_worker", "cat", "/srv/logs/celery.log")
    assert "canvas.divide" in logged
    assert "canvas.divide" in production.compose("logs", "--no-color", "celery_worker")


def test_workers_scale_and_beat_stays_one(production):
    production.run(
        "bin/compose", "production", "up", "--detach", "--no-recreate", "--scale", "celery_worker=3", "celery_worker"
    )
    names = [name for name, c in production.containers().items() if c["State"]["Running"]]
    assert len([name for name in names if name.startswith("celery_worker-")]) == 3
    assert len([name for name in names if name.startswith("celery_beat-")]) == 1
    production.run(
        "bin/compose", "production", "up", "--detach", "--no-recreate", "--scale", "celery_worker=1", "celery_worker"
    )
