"""An application unlike the sample, described by one file: plain Celery, without Django, site or database."""

from __future__ import annotations

import pytest
from conftest import ROOT, load, plugin
from samples import filters, found, garden

DEFINITION = ROOT / "inventories/lab/apps/celery_demo.yml"
NEEDED = {"rabbitmq", "worker", "beat"}
celery = plugin("filter/celery")
release = plugin("filter/release")


@pytest.fixture
def demo() -> dict:
    """The definition as the lab has it, but for the reference to its secret."""
    return load(DEFINITION) | {"app_secrets": {"broker": "Hq7!broker-of-its-own"}}


@pytest.fixture
def facts(facts) -> dict:
    return facts | {"project": str(ROOT)}


def test_its_only_secret_is_the_brokers():
    assert load(DEFINITION)["app_secrets"] == {"broker": "{{ vault_celery_demo_broker_password }}"}
    assert "vault_celery_demo_broker_password" in load(ROOT / "inventories/lab/group_vars/all/vault.yml")


def test_it_stands_beside_the_sample(demo, facts):
    assert found(garden(app_source={"path": "app"}), facts, celery_demo=demo) == []


def test_alone_it_needs_no_host_for_what_it_has_not(demo, facts):
    facts["groups"] = {group: hosts if group in NEEDED else [] for group, hosts in facts["groups"].items()}
    assert filters.application_problems({"celery_demo": demo}, facts) == []


@pytest.mark.parametrize("group", sorted(NEEDED))
def test_alone_it_needs_its_broker_and_its_programs(group, demo, facts):
    facts["groups"][group] = []
    problems = filters.application_problems({"celery_demo": demo}, facts)
    assert [problem["variable"] for problem in problems] == [f"group {group}"]


def test_it_has_workers_and_beat_and_nothing_else(demo):
    [app] = filters.complete_applications({"celery_demo": demo})
    assert release.program_kinds(app, ["web", "worker", "beat", "flower"]) == ["worker", "beat"]
    commands = {program["kind"]: program["command"] for program in celery.celery_programs(app, "R")}
    assert "--scheduler=celery.beat:PersistentScheduler" in commands["beat"]
    # Where its user may write, and where the next release finds it.
    assert "--schedule=/srv/celery_demo/shared/celerybeat-schedule" in commands["beat"]
    assert "--queues=default" in commands["worker"]
