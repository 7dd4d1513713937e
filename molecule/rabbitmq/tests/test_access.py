"""RabbitMQ lets each application into its own virtual host with its own password, and nobody else anywhere."""

import pytest
from amqp import Client


@pytest.mark.parametrize("name", ["garden", "orchard"])
def test_application_enters_its_vhost(host, passwords, name):
    """With its password, hostile characters included; orchard was there before the operator's password was rotated."""
    assert Client(host, name, passwords[name]).run() == ([], "")


@pytest.mark.parametrize("password", ["wrong", ""])
def test_wrong_or_no_password_is_refused(host, password):
    assert "ProbableAuthenticationError" in Client(host, "garden", password).run()[1]


def test_password_of_another_application_is_refused(host, passwords):
    assert "ProbableAuthenticationError" in Client(host, "garden", passwords["orchard"]).run()[1]


@pytest.mark.parametrize("vhost", ["garden", "/"])
def test_other_vhosts_are_closed(host, passwords, vhost):
    error = Client(host, "orchard", passwords["orchard"], vhost).run()[1]
    assert "refused for user 'orchard'" in error or "not found" in error, error


def test_guest_does_not_exist(host, http_status):
    """It was let in by hand before the last converge."""
    assert "ProbableAuthenticationError" in Client(host, "guest", "guest", "garden").run()[1]
    assert http_status("/rabbitmq/api/whoami", "guest", "guest") == 401
    users = host.check_output("rabbitmqctl -q list_users --no-table-headers").split()[::2]
    assert sorted(users) == ["garden", "operator", "orchard"]


def test_removed_application_left_nothing(host, passwords):
    assert sorted(host.check_output("rabbitmqctl -q list_vhosts --no-table-headers").split()) == ["garden", "orchard"]
    assert "ProbableAuthenticationError" in Client(host, "weed", passwords["garden"]).run()[1]


def test_management_is_the_operator_s_alone(http_status, passwords):
    """The operator's password was rotated by the last converge; the former one was orchard's."""
    assert http_status("/rabbitmq/api/whoami", "operator", passwords["operator"]) == 200
    assert http_status("/rabbitmq/", "operator", passwords["operator"]) == 200
    assert http_status("/rabbitmq/api/whoami", "operator", passwords["orchard"]) == 401
    assert http_status("/rabbitmq/api/whoami", "garden", passwords["garden"]) == 401
    assert http_status("/api/whoami", "operator", passwords["operator"]) == 404


def test_nothing_listens_beyond_loopback(host):
    ports = ("4369", "5672", "15672", "25672")
    assert {s for s in host.socket.get_listening_sockets() if s.rsplit(":", 1)[1] in ports} == {
        f"tcp://127.0.0.1:{port}" for port in ports
    }


FILES = ["rabbitmq.conf", "rabbitmq-env.conf", "enabled_plugins", "inetrc", "definitions.json"]


@pytest.mark.parametrize("name", FILES)
def test_configuration_is_private(host, name):
    file = host.file(f"/etc/rabbitmq/{name}")
    assert (file.user, file.group, file.mode) == ("root", "rabbitmq", 0o640)


def test_no_password_is_written_anywhere(host, passwords):
    places = "/etc/rabbitmq /etc/systemd /var/log/rabbitmq"
    assert "/etc/rabbitmq/definitions.json" in host.check_output(f"grep -rlF operator {places}")
    for password in passwords.values():
        random = password.removeprefix("p% $#'\"\\:@/ ü")
        assert host.check_output(f"grep -rlF %s {places} || echo nowhere", random) == "nowhere"
