"""Connections to PostgreSQL: all that applications may open fit into what the server has, before it is set up."""

from __future__ import annotations

import pytest
from ansible.module_utils.applications.connections import fitted, needed
from conftest import ROOT, load
from samples import DELETE, found, garden, orchard
from test_preflight_cli import preflight, refused, write_inventory

WEB = {"app_celery": DELETE, "app_workers": DELETE, "app_queues": DELETE, "app_beat": DELETE, "app_flower": DELETE}


def test_two_applications_with_what_is_the_default_are_refused_with_all_limits(facts):
    [(variable, value, remedy)] = found(garden(), facts, orchard=orchard(app_database={}))
    assert (variable, value) == ("postgres_max_connections", "100")
    assert "(garden 60, orchard 60) and 10 for operators make 130; raise it, or lower app_database" in remedy


@pytest.mark.parametrize(("limit", "problems"), [(30, 0), (31, 1)])
def test_what_fits_exactly_is_taken(facts, limit, problems):
    assert len(found(garden(), facts, orchard=orchard(app_database={"connection_limit": limit}))) == problems


def test_an_application_without_a_database_needs_no_connection(facts):
    plain = orchard(app_database={"connection_limit": 60})
    plain["app_secrets"].pop("database")
    assert "postgres_max_connections" not in [variable for variable, *_ in found(garden(), facts, orchard=plain)]


def test_preflight_knows_what_the_servers_have(tmp_path):
    """The lowest of the hosts' own limits counts, and the role's default where there is none."""
    definition = load(ROOT / "tests/static/data/garden.yml") | {"app_source": {"path": "app"}}
    inventory = write_inventory(tmp_path, {"garden": definition | {"app_database": {"connection_limit": 91}}})
    assert "postgres_max_connections = 100" in refused(preflight(inventory))
    assert "postgres_max_connections" not in preflight(inventory, "-e", "postgres_max_connections=101").stdout


def worker(concurrency, pool="prefork"):
    return {"concurrency": concurrency, "pool": pool}


# --- what `make new-app` writes -------------------------------------------------------------------------------------


def app(**changed):
    """Return as much of a complete definition as is read."""
    web = {"workers": 3, "threads": 1}
    return {"workers": [], "processes": [], "beat": None, "wsgi": "shop.wsgi", "asgi": None, "web": web} | changed


@pytest.mark.parametrize(
    ("changed", "hosts", "figures"),
    [
        ({}, {}, (3, 20)),
        ({}, {"web": 2}, (6, 20)),
        ({"web": {"workers": 2, "threads": 8}}, {}, (16, 40)),
        ({"wsgi": None, "asgi": "shop.asgi"}, {}, (15, 40)),
        ({"workers": [worker(4), worker(1)], "beat": {}}, {"worker": 2}, (18, 50)),
        ({"workers": [worker(20, "threads")]}, {"worker": 2}, (45, 60)),
        ({"wsgi": None, "processes": [{"group": "beat", "count": 3}]}, {"worker": 9}, (3, 20)),
    ],
)
def test_each_process_and_thread_counts(changed, hosts, figures):
    assert needed(app(**changed), hosts) == figures


@pytest.mark.parametrize(("free", "limit"), [(200, 40), (40, 40), (39, 39), (21, 21), (20, 40), (-5, 40)])
def test_what_is_left_is_taken_where_it_is_just_enough(free, limit):
    """Sixteen work, and a few more for consoles and hooks; below that nothing is gained by hiding what is lacking."""
    assert fitted(app(web={"workers": 2, "threads": 8}), {}, free) == limit
