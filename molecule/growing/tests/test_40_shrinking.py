"""From three hosts to one is no change of the inventory alone: it is refused before anything happens."""

from growing import DATA, ONE, red, status
from members import whole
from scenario_host import run


def test_a_smaller_cluster_is_refused_with_the_reason_and_the_way():
    refused = run("site", inventory=ONE)
    assert refused.returncode != 0
    said = refused.stdout + refused.stderr
    for service in ("PostgreSQL", "RabbitMQ", "Redis"):
        assert f"{service} has" in said
    assert DATA[1] in said
    assert "docs/runbooks/fewer-hosts.md" in said


def test_it_is_as_it_was():
    assert all(whole(host) for host in DATA)
    assert red(status()) == []
