"""Most variables changed: what the inventory says is what the broker does."""

import os
import sys
from pathlib import Path

import pytest
from testinfra.host import Host

sys.path.insert(0, str(Path(__file__).parents[2] / "rabbitmq/tests"))
from amqp import Client  # the client of the scenario beside this one

PORT = 5673


@pytest.fixture
def meadow(host: Host) -> Client:
    """Return the application's client on the second listening address, its exchange and queues declared and empty."""
    password = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "meadow").read_text(encoding="utf-8").strip()
    client = Client(host, "meadow", password, address="127.0.0.3", port=PORT)
    client.declare("fields", "a.b", "hay+straw")
    client.run(*[("queue_purge", {"queue": queue}) for queue in ("dead-letter", "unrouted")])
    return client


def test_listens_where_told(host):
    ports = (":4369", f":{PORT}", ":5672", ":15672", ":15673", ":25673", ":25672")
    assert {s for s in host.socket.get_listening_sockets() if s.endswith(ports)} == {
        "tcp://127.0.0.1:4369",
        "tcp://127.0.0.2:4369",
        "tcp://127.0.0.1:5673",
        "tcp://127.0.0.3:5673",
        "tcp://127.0.0.4:15673",
        "tcp://127.0.0.2:25672",
    }


def test_node_has_the_name_it_was_given(host):
    assert "rabbit@broker" in host.check_output("rabbitmqctl -q eval 'node().'")
    assert host.file("/var/lib/rabbitmq/mnesia/rabbit@broker").is_directory


def test_management_stands_at_the_root(host):
    ask = "import urllib.request; print(urllib.request.urlopen('http://127.0.0.4:15673/', timeout=10).status)"
    assert host.check_output("python3 -c %s", ask) == "200"


def test_full_queue_refuses_publishers(meadow):
    """max-length is soft: a few more may pass, then each is refused until there is room."""
    errors = [meadow.publish("a.b", str(number), exchange="fields") for number in range(8)]
    assert errors[:3] == ["", "", ""]
    assert "NackError" in errors[-1]
    assert len(meadow.drain("a.b")) == errors.count("")


def test_delivery_limit_is_the_application_s(meadow):
    """The queue's name has a character that means something in a policy's pattern."""
    assert meadow.publish("hay+straw", "poison") == ""
    answers, _ = meadow.run(
        *[
            step
            for tag in range(1, 6)
            for step in (("basic_get", {"queue": "hay+straw"}), ("basic_nack", {"delivery_tag": tag, "requeue": True}))
        ]
    )
    assert len([answer for answer in answers if answer]) == 3
    assert [message["body"] for message in meadow.drain("dead-letter")] == ["poison"]


def test_alternate_exchange_follows_the_exchange_s_name(meadow):
    assert meadow.publish("nowhere", "stray", exchange="fields") == ""
    assert [message["body"] for message in meadow.drain("unrouted")] == ["stray"]


def test_transient_queues_are_permitted(meadow):
    assert meadow.run(("queue_declare", {"queue": "fleeting"}), ("queue_delete", {"queue": "fleeting"}))[1] == ""


def test_settings_arrive(host):
    environment = host.check_output("rabbitmqctl -q environment")
    for setting in ('{absolute,"300MiB"}', '{disk_free_limit,"200MiB"}', "{consumer_timeout,90000}", "{channel_max,3}"):
        assert setting in environment
    assert "1" in host.check_output("rabbitmqctl -q eval 'erlang:system_info(schedulers).'").split()
    assert "rabbitmq_shovel" in host.check_output("rabbitmq-plugins -q list --enabled --minimal").split()


def test_log_is_turned_over_by_size(host):
    # Few and large ones: the broker drops what comes faster than 500 a second.
    noise = "[logger:error(lists:duplicate(10000, 120)) || _ <- lists:seq(1, 300)], ok."
    host.check_output("rabbitmqctl -q eval %s", noise)
    files = host.check_output("ls /var/log/rabbitmq | grep ^rabbit.out").split()
    assert files == ["rabbit.out", "rabbit.out.0", "rabbit.out.1"]
    assert all(host.file(f"/var/log/rabbitmq/{name}").size < 2 * 1048576 for name in files)
