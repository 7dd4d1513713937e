"""kill -9 of anything: it is back by itself, and nothing runs twice."""

import pytest
from programs import complete, expected_kinds, kinds, main_pid, strays, supervised
from stack import new_prefix, until

SERVICES = ["supervisor", "rabbitmq-server", "nginx", "postgresql", "redis"]

UNITS = [
    "nginx.service",
    "nginx-operators.service",
    "redis-server@garden-cache.service",
    "redis-server@garden-state.service",
    "redis-server@orchard-cache.service",
    "rabbitmq-server.service",
    "postgresql@*-main.service",
]


def kill(host, pid: int) -> None:
    assert pid > 1
    host.check_output("kill -9 %s", str(pid))


def check_one_of_each(host, seconds: float) -> None:
    """Fail unless within the time exactly one of each program runs; say what is missing or doubled."""
    until(lambda: (kinds(host), strays(host)), lambda seen: seen == (expected_kinds(), []), seconds)


def test_supervisord(host, garden, orchard):
    """15 s later there is exactly one beat and one set of workers for each application, and tasks work."""
    before = main_pid(host, "supervisor")
    kill(host, before)
    until(lambda: main_pid(host, "supervisor"), lambda pid: pid not in {0, before}, 10)
    check_one_of_each(host, 15)
    for application in (garden, orchard):
        application.check_works(30)
    # Still one of each when supervisor has come to trust them, 10 s after their start.
    until(lambda: set(host.check_output("supervisorctl status | awk '{print $2}'").split()), {"RUNNING"}.__eq__, 30)
    assert complete(host)


@pytest.mark.parametrize("program", ["garden-worker-default", "garden-beat", "orchard-web"])
def test_a_programs_main_process(host, garden, orchard, program):
    """Its children don't run on beside those of the next one."""
    application = {"garden": garden, "orchard": orchard}[program.split("-")[0]]
    before = supervised(host)
    kill(host, int(host.check_output(f"supervisorctl status | sed -n 's/^{program}-.* pid \\([0-9]*\\),.*/\\1/p'")))
    check_one_of_each(host, 30)
    application.check_works(30)
    assert supervised(host) == before


@pytest.mark.parametrize("unit", UNITS)
def test_a_service(host, garden, orchard, unit):
    """Back within 30 s, both applications with it, without a restart of theirs."""
    prefix = new_prefix()
    garden.accept(prefix, 3)
    name = host.check_output("systemctl list-units --plain --no-legend --state=active %s", unit).split()[0]
    before, supervisor = main_pid(host, name), main_pid(host, "supervisor")
    kill(host, before)
    until(lambda: main_pid(host, name), lambda pid: pid not in {0, before}, 30)
    for application in (garden, orchard):
        application.check_works(30)
    garden.check_done(prefix, 3, 30)
    assert main_pid(host, "supervisor") == supervisor
    assert complete(host)
