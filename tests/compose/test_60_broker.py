"""``make broker``: a RabbitMQ and nothing else."""

from __future__ import annotations

import httpx
import pytest
from stack import Stack

PORTS = {"BROKER_PORT": "29772", "BROKER_UI_PORT": "29773"}


@pytest.fixture
def broker(tmp_path):
    """The broker of a copy of the tree, removed at the end."""
    stack = Stack("broker", tmp_path / "tree", **PORTS)
    try:
        stack.said = stack.run("bin/broker", seconds=600).stdout
        yield stack
    finally:
        stack.remove()


def test_it_is_there_with_user_and_page_and_goes_again(broker):
    assert "amqp://garden:<RABBITMQ_PASSWORD>@127.0.0.1:29772/garden" in broker.said
    lines = (broker.tree / "compose/broker/.env").read_text().splitlines()
    password = dict(line.split("=", 1) for line in lines if "=" in line)["OPERATOR_PASSWORD"]
    page = "http://127.0.0.1:29773/rabbitmq/api/overview"
    assert httpx.get(page, auth=("guest", "guest"), timeout=10).status_code == 401
    assert httpx.get(page, auth=("operator", password), timeout=10).json()["rabbitmq_version"].startswith("4.")
    broker.run("bin/broker", "stop")
    assert broker.containers() == {}
