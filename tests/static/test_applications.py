"""An application's definition: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import pytest
from bad_definitions import BAD, NIGHTLY
from samples import DELETE, SECRETS, filters, found, garden, orchard


def test_a_sound_environment_has_no_problems(facts):
    """Two applications side by side, the second one by an equal definition under another name."""
    assert found(garden(), facts, orchard=orchard()) == []


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_problem(case, facts):
    """Variable, value and remedy, and no second complaint that follows from the first."""
    changes, variable, value, remedy = BAD[case]
    problems = found(garden(**changes), facts)
    assert [p[:2] for p in problems] == [(variable, value)], problems
    assert remedy in problems[0][2]


@pytest.mark.parametrize("name", ["Garden", "g", "1garden", "gar-den", "garden" * 4, "gärten", "gar den"])
def test_a_name_that_is_no_unix_user_is_refused(name, facts):
    problems = filters.application_problems({name: garden(app_name=name)}, facts)
    assert [(p["variable"], p["value"]) for p in problems] == [(f"apps/{name}.yml app_name", name)]
    assert "no valid unix user" in problems[0]["remedy"]


def test_a_name_that_the_system_has_taken_is_refused(facts):
    """An application named postgres would own the server's user and database."""
    problems = filters.application_problems({"postgres": garden(app_name="postgres")}, facts)
    assert "taken by the system or a server" in problems[0]["remedy"]


def test_the_name_equals_the_file(facts):
    assert ("app_name", "meadow", "rename the file to meadow.yml") in found(garden(app_name="meadow"), facts)


@pytest.mark.parametrize(
    "name", ["app_workers", "app_queues", "app_beat", "app_flower", "app_exchange", "app_celery_environment"]
)
def test_nothing_of_celery_without_celery(name, facts):
    """They would be ignored in silence."""
    problems = found(garden(app_celery=DELETE, app_celery_environment={"A": "1"}), facts)
    assert name in [variable for variable, _, remedy in problems if "set app_celery" in remedy]


def test_two_applications_share_neither_domain_nor_port_nor_secret(facts):
    other = orchard(app_domains=["Garden.test"], app_redis={"state": {"port": 6380}, "cache": {"port": 6399}})
    other["app_secrets"]["redis"] = SECRETS["broker"]
    problems = filters.application_problems({"garden": garden(), "orchard": other}, facts)
    assert [(p["variable"], p["value"]) for p in problems] == [
        ("apps/orchard.yml app_redis.state.port", "6380"),
        ("apps/orchard.yml app_domains", "Garden.test"),
        ("apps/orchard.yml app_secrets.redis", f"({len(SECRETS['broker'])} characters)"),
    ]
    assert "apps/garden.yml app_redis.cache.port" in problems[0]["remedy"]
    assert problems[2]["remedy"].startswith("equal to apps/garden.yml app_secrets.broker")


@pytest.mark.parametrize("group", ["postgres", "rabbitmq", "redis", "web", "worker", "beat", "flower"])
def test_each_empty_group_is_named(group, facts):
    """Its plays would be skipped without a word."""
    facts["groups"][group] = []
    assert [p[0] for p in found(garden(), facts)] == [f"group {group}"]


def test_groups_of_parts_that_no_application_has_may_be_empty(facts):
    facts["groups"] |= {"beat": [], "flower": []}
    assert found(garden(app_beat=DELETE, app_flower=DELETE), facts) == []


@pytest.mark.parametrize("group", ["worker", "web", "beat"])
def test_a_process_needs_a_host_of_its_group(group, facts):
    """It would run nowhere, and nothing would say so."""
    facts["groups"][group] = []
    bare = {"app_workers": [], "app_queues": [], "app_beat": DELETE, "app_domains": [], "app_wsgi": DELETE}
    process = {"name": "feed", "command": "feed", "group": group}
    assert found(garden(**bare), facts) == []
    assert [p[0] for p in found(garden(app_processes=[process], **bare), facts)] == [f"group {group}"]


def test_a_schedule_runs_on_a_beat_host_or_else_on_a_worker_host(facts):
    bare = {"app_workers": [], "app_queues": [], "app_beat": DELETE, "app_schedules": [NIGHTLY]}
    facts["groups"]["worker"] = []
    assert found(garden(**bare), facts) == []
    facts["groups"] |= {"worker": ["lab"], "beat": []}
    assert found(garden(**bare), facts) == []
    facts["groups"]["worker"] = []
    assert [p[0] for p in found(garden(**bare), facts)] == ["group worker"]


def test_several_hosts_with_beat_agree_in_the_database(facts):
    two = facts | {"groups": facts["groups"] | {"beat": ["b1", "b2"]}}
    without = {"app_secrets__database": DELETE, "app_result_backend": "redis", "app_manage": DELETE}
    assert found(garden(), two) == []
    before = found(garden(**without), facts)
    (problem,) = [entry for entry in found(garden(**without), two) if entry not in before]
    assert problem[:2] == ("group beat, for apps/garden.yml", "b1, b2")
    assert "give it one, or leave one host" in problem[2]


def test_further_instances_are_no_business_of_other_applications(facts):
    """But their ports are one table for the environment."""
    mine = garden(app_redis={"further": [{"name": "queue", "port": 6395}]})
    assert found(mine, facts, orchard=orchard(app_redis={"cache": {"port": 6390}, "state": {"port": 6391}})) == []
    problems = found(mine, facts, orchard=orchard(app_redis={"cache": {"port": 6395}, "state": {"port": 6391}}))
    assert [p[:2] for p in problems] == [("apps/orchard.yml app_redis.cache.port", "6395")]


def test_all_problems_come_at_once(facts):
    """One run, one list: not one error a run."""
    facts["groups"]["web"] = []
    bad = garden(app_werkers=[], app_web__timeout="soon", app_domains=["a b"], app_secrets__redis="secret")
    assert {p[0] for p in found(bad, facts)} == {
        "app_werkers", "app_web.timeout", "app_domains", "app_secrets.redis", "group web"
    }  # fmt: skip
