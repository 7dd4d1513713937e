"""What somebody has changed by hand is found and named; where nobody has, nothing is said."""

from __future__ import annotations

import pytest
from operating import said, secrets, verb
from scenario_host import shell

SERVICES = ["nginx", "supervisor"]


@pytest.fixture(scope="module", autouse=True)
def converged():
    """Other tests may have left something."""
    done = verb("site", timeout=600)
    assert done.returncode == 0, said(done)


def drift() -> tuple[int, str]:
    done = verb("drift")
    assert done.stderr == "", said(done)
    return done.returncode, done.stdout


def test_a_converged_host_is_silent():
    assert drift() == (0, "")


#: What was done, what undoes it, and what has to be said.
BY_HAND = {
    "a changed configuration": (
        "sed -i 's/worker_connections .*/worker_connections 77;/' /etc/nginx/nginx.conf",
        None,
        ["/etc/nginx/nginx.conf", "-    worker_connections 77;"],
    ),
    "a stopped service": ("systemctl stop nginx", None, ["nginx: should be started"]),
    "a wrong file mode": (
        "chmod 0666 /etc/supervisor/supervisord.conf",
        None,
        ["/etc/supervisor/supervisord.conf", "0666"],
    ),
    "another owner of a secret": (
        "chown nobody /etc/cloche/garden.env",
        None,
        ["/etc/cloche/garden.env"],
    ),
    "an extra permission in RabbitMQ": (
        "rabbitmqctl -q add_user mallory mallory-1 && rabbitmqctl -q set_permissions -p garden mallory '.*' '.*' '.*'",
        "rabbitmqctl -q delete_user mallory",
        ["permissions:garden/mallory should not be there"],
    ),
    "a policy that was taken away": (
        "rabbitmqctl -q clear_policy -p garden queues",
        None,
        ["policies:garden/queues is missing, or another"],
    ),
    "a removed page": (
        "rm /etc/nginx/pages/_unavailable.html",
        None,
        ["/etc/nginx/pages/_unavailable.html: not there"],
    ),
    "a database setting": (
        "sed -i 's/^max_connections.*/max_connections = 7/' /etc/postgresql/*/main/conf.d/10-cloche.conf",
        None,
        ["10-cloche.conf", "+max_connections = '100'"],
    ),
    "a changed secret": (
        "sed -i 's/^SECRET_KEY=.*/SECRET_KEY=changed-by-hand-xyz/' /etc/cloche/garden.env",
        None,
        ["/etc/cloche/garden.env", "what it has to be is a secret"],
    ),
    "a program that was stopped": (
        "supervisorctl stop $(supervisorctl avail | grep -o 'garden-worker-slow[^ ]*')",
        None,
        ["garden-worker-slow-", " should run"],
    ),
    "a disabled service": ("systemctl disable redis-server@garden-cache", None, ["redis-server@garden-cache"]),
    "a timer that was stopped": ("systemctl stop tidy-logs.timer", None, ["tidy-logs.timer"]),
}


@pytest.fixture(scope="module")
def told() -> str:
    """Return what is said when somebody has done all of it."""
    for done, _, _ in BY_HAND.values():
        shell(done)
    code, told = drift()
    assert code == 1, told
    return told


@pytest.mark.parametrize("what", BY_HAND)
def test_what_was_changed_by_hand_is_found(told, what):
    assert [word for word in BY_HAND[what][2] if word not in told] == [], told


def test_it_is_told_by_host_and_without_a_secret(told):
    assert told.startswith("cloche-operating: ")
    assert "localhost" not in told
    assert not [number for number, secret in enumerate(secrets()) if secret in told]
    assert "changed-by-hand-xyz" not in told


def test_site_puts_it_right_but_what_it_does_not_know(told):
    for _, undo, _ in BY_HAND.values():
        if undo:
            shell(undo)
    done = verb("site", timeout=600)
    assert done.returncode == 0, said(done)
    assert drift() == (0, "")


def test_a_host_that_does_not_answer_is_no_silence():
    done = verb("drift", "-e", "ansible_port=9")
    assert done.returncode == 3, said(done)
    assert "cloche-operating" in done.stderr
