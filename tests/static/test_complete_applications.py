"""Complete definitions, as roles and templates read them, and their timeouts."""

from __future__ import annotations

import copy

import pytest
from ansible.errors import AnsibleFilterError
from ansible.module_utils.applications.timeouts import longest_hold
from samples import filters, garden, orchard, worker


def test_completion_fills_in_defaults_at_every_depth():
    minimal = {"app_name": "tiny", "app_source": {"package": "tiny==1"}, "app_flower": {}, "app_workers": worker()}
    app = filters.complete_applications({"tiny": minimal})[0]
    assert {key for key in app if key.startswith("app_")} == set()
    assert app["web"] == {
        "workers": 3, "timeout": 60, "graceful_timeout": 30, "worker_class": None, "threads": 1, "preload": None,
        "warm_up": [],
        "body_limit": "10m",
        "static_url": "/static/",
    }  # fmt: skip
    assert app["redis"]["state"] == {"port": 6381, "memory_mb": 64}
    assert app["workers"][0] == {
        "name": "all", "queues": ["default", "slow", "mail"], "concurrency": 1, "prefetch": 1, "time_limit": 300,
        "max_tasks_per_child": 1000, "max_memory_per_child_kb": None, "pool": "prefork", "gossip": True,
    }  # fmt: skip
    assert app["flower"] == {}
    assert app["hooks"] == {"build": [], "prepare": [], "before_migrate": [], "after_migrate": [], "after_live": []}
    assert (app["redis"]["further"], app["schedules"]) == ([], [])
    assert (app["beat"], app["wsgi"], app["secrets"]["broker"]) == (None, None, None)


def test_completion_knows_every_key_of_the_schema():
    app = filters.complete_applications({"garden": garden()})[0]
    assert {f"app_{key}" for key in app} == set(filters.definition_options())


def test_a_string_stands_for_a_mapping_s_one_required_key():
    """Both forms of a hook, side by side; an application's own defaults are those of either."""
    long = {"command": "b", "everywhere": True, "timeout": "30"}
    hooks = {"prepare": ["compile"], "after_live": ["a && c | d", long], "build": ["npm ci"]}
    app = filters.complete_applications({"garden": garden(app_hooks=hooks)})[0]
    assert app["hooks"] == {
        "build": ["npm ci"],
        "prepare": [{"command": "compile", "timeout": 600}],
        "before_migrate": [],
        "after_migrate": [],
        "after_live": [
            {"command": "a && c | d", "everywhere": False, "timeout": 600},
            {"command": "b", "everywhere": True, "timeout": 30},
        ],
    }


def test_further_parts_have_their_defaults():
    process = {"name": "feed", "command": "feed"}
    schedule = {"name": "nightly", "command": "manage.py tidy", "calendar": "daily"}
    further = {"name": "queue", "port": 6390}
    app = filters.complete_applications(
        {"garden": garden(app_processes=[process], app_schedules=[schedule], app_redis={"further": [further]})}
    )[0]
    assert app["processes"] == [
        process | {"group": "worker", "count": 1, "stop_signal": "TERM", "stop_timeout": 30},
    ]
    assert app["schedules"] == [schedule | {"timeout": 3600}]
    assert app["redis"]["further"] == [further | {"memory_mb": 64, "evict": False}]


def test_completion_coerces_sorts_and_treats_null_as_omitted():
    apps = filters.complete_applications(
        {"orchard": orchard(app_web={"timeout": "90"}), "garden": garden(app_beat=None)}
    )
    assert [app["name"] for app in apps] == ["garden", "orchard"]
    assert apps[1]["web"]["timeout"] == 90
    assert apps[0]["beat"] is None


def test_completions_share_nothing():
    """A default that a template changes must not change the next application's."""
    before = copy.deepcopy(filters.definition_options())
    one, two = filters.complete_applications({"garden": garden(), "orchard": orchard()})
    one["hooks"]["build"].append("x")
    one["packages"].append("x")
    assert (two["hooks"]["build"], two["packages"]) == ([], [])
    assert filters.definition_options() == before


def test_completion_of_a_bad_definition_is_an_error_that_names_it():
    with pytest.raises(AnsibleFilterError, match=r"apps/garden.yml app_werkers = \[\]: unknown key; did you mean"):
        filters.complete_applications({"garden": garden(app_werkers=[])})


def test_a_message_may_wait_for_all_prefetched_before_it():
    """Celery holds prefetch x concurrency messages per queue, and works `concurrency` at a time."""
    assert longest_hold({"queues": ["a", "b"], "prefetch": 4, "time_limit": 300, "concurrency": 8}) == 2400


def test_the_timeout_chain_is_shown_in_rising_order(facts):
    chain = filters.timeout_chain(filters.complete_applications({"garden": garden()})[0], facts)
    assert ["worker default: task limit", 300] in chain
    assert ["worker default: supervisor waits for it to stop", 330] in chain
    assert ["requests: nginx's read timeout", 65] in chain
    assert chain[-2:] == [
        ["all programs, stopped one after the other", 330 + 930 + 40 + 30 + 30],
        ["supervisor's unit: stop timeout", 9000],
    ]
    parts = {what.split(":")[0] for what, _ in chain}
    for part in parts - {"all programs, stopped one after the other", "supervisor's unit"}:
        seconds = [value for what, value in chain if what.startswith(f"{part}:")]
        assert seconds == sorted(seconds)
