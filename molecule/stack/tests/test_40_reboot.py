"""After a reboot, a loss of power and a change of address everything starts by itself and goes on where it was."""

import time
from collections.abc import Iterator

import pytest
from programs import complete
from stack import HOST, docker, new_prefix, until

SERVICES = ["supervisor", "rabbitmq-server", "nginx", "postgresql", "redis"]

OTHER_NETWORK = "cloche-stack-other"
READY_SECONDS = 60
# Above what a drain of short tasks takes, far below the 180 s after which `docker stop` kills.
STOP_SECONDS = 60


@pytest.fixture
def other_network() -> Iterator[str]:
    """A network with other addresses; the host is back on its own afterwards, without a reboot."""
    [(own, _)] = addresses().items()
    docker("network", "create", OTHER_NETWORK)
    yield OTHER_NETWORK
    if OTHER_NETWORK in addresses():
        move(OTHER_NETWORK, own)
    docker("network", "rm", OTHER_NETWORK)


def addresses() -> dict[str, str]:
    """Return the host's address in each of its networks."""
    template = "{{range $name, $network := .NetworkSettings.Networks}}{{$name}} {{$network.IPAddress}} {{end}}"
    words = docker("inspect", "--format", template, HOST)
    return dict(zip(words.split()[::2], words.split()[1::2], strict=True))


def move(source: str, target: str) -> None:
    docker("network", "disconnect", source, HOST)
    docker("network", "connect", target, HOST)


def check_goes_on(host, applications, prefix: str, count: int) -> None:
    """Fail unless all of it serves within the promised time, and what was accepted before is done, once."""
    deadline = time.monotonic() + READY_SECONDS
    for application in applications:
        until(application.ready, lambda status: status == 200, deadline - time.monotonic())
    for application in applications:
        application.check_works(30)
        application.check_done(prefix, count, 60)
    until(lambda: complete(host), bool, 15)


def accept_everywhere(applications, seconds: float) -> tuple[str, int]:
    """Have each application accept more slow entries than its worker can finish before it is asked to end."""
    prefix = new_prefix()
    for application in applications:
        application.accept(prefix, 4, queue="slow", seconds=seconds)
    return prefix, 4


def interrupted(host) -> str:
    """Return how often a task has been interrupted so far: it lost a service while it ran."""
    return host.run("cat /var/log/garden/*-worker-*.log /var/log/orchard/*-worker-*.log | grep -c ' retry: '").stdout


def test_reboot(host, garden, orchard):
    """Programs end before the services that their tasks in flight need."""
    applications = (garden, orchard)
    prefix, count = accept_everywhere(applications, 3)
    before, begun = interrupted(host), time.monotonic()
    docker("restart", HOST, timeout=200)
    assert time.monotonic() - begun < STOP_SECONDS
    check_goes_on(host, applications, prefix, count)
    assert interrupted(host) == before


def test_power_loss_and_another_address(host, garden, orchard, other_network):
    """The broker's node keeps its name, and its messages, under whatever address."""
    applications = (garden, orchard)
    [(network, before)] = addresses().items()
    prefix, count = accept_everywhere(applications, 3)
    docker("kill", HOST)
    move(network, other_network)
    docker("start", HOST)
    assert addresses()[other_network] != before
    check_goes_on(host, applications, prefix, count)


def test_another_address_while_it_runs(garden, orchard):
    """The fixture of the test above has moved it back."""
    assert OTHER_NETWORK not in addresses()
    for application in (garden, orchard):
        application.check_works(30)
