"""What is to be released where: a bundle, its configuration, and the hosts that lack it."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT, plugin
from release_samples import GARDEN, HOSTILE

release = plugin("filter/release")
FILTERS = release.FilterModule().filters()


@pytest.fixture
def kit(tmp_path):
    """Return a directory with what the kit contributes to a release."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "run.j2").write_text("exec\n")
    return tmp_path


@pytest.mark.parametrize(
    "change",
    [
        lambda app, kit: app["secrets"].update(django="rotated"),
        lambda app, kit: app["workers"][0].update(concurrency=3),
        lambda app, kit: (kit / "templates" / "run.j2").write_text("exec 2\n"),
        lambda app, kit: (kit / "templates" / "run.j2").rename(kit / "run.j2"),
        lambda app, kit: (kit / "more.j2").touch(),
    ],
    ids=["secret", "concurrency", "template", "name", "addition"],
)
def test_another_configuration_is_another_release(kit, change):
    app = copy.deepcopy(GARDEN)
    before = FILTERS["fingerprint"](app, [str(kit)])
    (kit / "left.pyc").touch()
    assert FILTERS["fingerprint"](copy.deepcopy(app), [str(kit)]) == before
    change(app, kit)
    assert FILTERS["fingerprint"](app, [str(kit)]) != before


def test_an_application_is_new_where_no_host_has_a_release_of_it():
    """A host that joins later does not make it new."""
    one, two = {"live": {"garden": "1-a", "shop": None}}, {"live": {"garden": None, "shop": None}}
    assert FILTERS["never_released"]({"one": one, "two": two}) == ["shop"]


def test_the_same_configuration_is_the_same_release_in_every_process_and_order(kit):
    script = """if True:
        import importlib.util, json, sys
        spec = importlib.util.spec_from_file_location("release", sys.argv[1])
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        print(module.fingerprint(json.load(sys.stdin), sys.argv[2:]))
    """
    command = [sys.executable, "-c", script, str(ROOT / "plugins/filter/release.py"), str(kit)]
    found = set()
    for seed, app in (("1", GARDEN), ("2", dict(reversed(GARDEN.items())))):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            command, input=json.dumps(app), env=environment, text=True, capture_output=True, check=True
        )
        found.add(run.stdout.strip())
    assert found == {FILTERS["fingerprint"](GARDEN, [str(kit)])}


def test_a_single_file_decides_by_its_name_and_content_and_not_by_its_place(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "celery.py").write_text("x = 1\n")
        (tmp_path / place / "aside.py").write_text(place)

    def found(*names):
        return FILTERS["fingerprint"]({}, [str(tmp_path / name) for name in names])

    before = found("a/celery.py")
    assert found("b/celery.py") == before != found("a/aside.py")
    (tmp_path / "a" / "celery.py").write_text("x = 2\n")
    assert found("a/celery.py") != before
    # Of two places each counts.
    assert len({found("b/celery.py"), found("b/celery.py", "a/aside.py"), found("b/celery.py", "b/aside.py")}) == 3


def test_a_fingerprint_says_nothing_of_its_secret(kit):
    """Six hex digits of a digest over much more than the secret."""
    found = FILTERS["fingerprint"]({"secret": "abc"}, [str(kit)])
    assert len(found) == 6
    assert set(found) <= set("0123456789abcdef")
    assert "abc" not in found


BUILD = {
    "source": {"name": "garden"},
    "id": "20261101000000-aaaaaaa",
    "bundle": "dist/garden.tar",
    "venvs": {"cp313-x86_64": "cp313-x86_64-abc"},
}


def test_a_deployment_is_a_bundle_and_its_configuration(kit):
    def deploy(app, environment):
        kinds = {"garden": "cp313-x86_64", "orchard": "cp312-x86_64"}
        return FILTERS["deployments"]([app], [BUILD], environment, [str(kit)], kinds)

    ((found,), (other,), (elsewhere,)) = (
        deploy(GARDEN, {}),
        deploy(GARDEN | {"wsgi": "x"}, {}),
        deploy(GARDEN, {"a": 1}),
    )
    identifier = found["release"]["id"]
    assert identifier.startswith(f"{BUILD['id']}-")
    assert found["release"] == {
        "app": "garden",
        "id": identifier,
        "path": f"/srv/garden/releases/{identifier}",
        "bundle": "dist/garden.tar",
        "kind": "cp313-x86_64",
        "venv": "cp313-x86_64-abc",
    }
    assert len({identifier, other["release"]["id"], elsewhere["release"]["id"]}) == 3
    assert HOSTILE not in str(found["release"])
    # On the controller, which is no target itself, it is the same release.
    (here,) = FILTERS["deployments"]([GARDEN], [BUILD], {}, [str(kit)])
    assert here["release"] == found["release"] | {"kind": "", "venv": None}
    wanted = {"app": "garden", "id": identifier, "kinds": ["web"]}
    assert FILTERS["wanted_releases"]([found], ["web"]) == [wanted]


@pytest.mark.parametrize("builds", [[], [{"source": {"name": "garden"}, "changed": True}]], ids=["none", "check mode"])
def test_without_a_build_there_is_no_deployment(kit, builds):
    assert FILTERS["deployments"]([GARDEN], builds, {}, [str(kit)]) == []


def test_a_build_gets_no_secret():
    (found,) = FILTERS["release_sources"]([GARDEN])
    assert HOSTILE not in str(found)
    assert found["hooks"] == ["npm run build"]
    assert [found[key] for key in ("name", "requirements", "build_packages")] == ["garden", "requirements.txt", ["gcc"]]
    assert FILTERS["package_indexes"]([GARDEN, GARDEN | {"name": "orchard", "package_index": None}]) == {
        "garden": GARDEN["package_index"]
    }


def test_a_road_has_no_secret():
    """A failed task prints its loop's item."""
    assert HOSTILE not in str(release.without_secrets(GARDEN))


def test_another_password_of_the_index_is_no_other_release(kit):
    def identifier(app):
        return FILTERS["deployments"]([app], [BUILD], {}, [str(kit)])[0]["release"]["id"]

    assert identifier(GARDEN) == identifier(GARDEN | {"package_index": None})


#: Keys that only the roles which need them may see.
SECRET = ("secrets", "secret_environment", "package_index")

# --- hosts ----------------------------------------------------------------------------------------------------------

GROUPS = {"web": ["w1", "w2"], "worker": ["k1", "w2"], "beat": ["k1"], "flower": ["f1"], "postgres": ["d1"]}
HOSTS = ["w1", "w2", "k1", "f1"]


def test_each_part_of_a_release_has_its_hosts_in_the_order_of_the_inventory():
    assert release.hosts_by_part(HOSTS, GROUPS) == {
        "all": HOSTS,
        "worker": ["w2", "k1"],
        "web": ["w1", "w2"],
    }


def statuses(**pending):
    """Return what each host says: nothing pending unless told, the old release live, f1 never had one."""
    return {
        host: {
            "pending": pending.get(host, []),
            "live": {"garden": None if host == "f1" else "1-a", "orchard": "5-e"},
            "previous": {"garden": None, "orchard": None},
            "beside": {"garden": ["garden-web-0-z"] if host == "w1" else [], "orchard": []},
        }
        for host in HOSTS
    }


DEPLOYMENTS = [
    {"app": GARDEN, "release": {"app": "garden", "id": "2-b", "path": "/srv/garden/releases/2-b", "venv": None}},
    {"app": GARDEN | {"name": "orchard"}, "release": {"app": "orchard", "id": "6-f", "path": "/srv/o", "venv": None}},
]


def test_one_host_that_lags_behind_takes_all_hosts_of_its_application_on_the_road():
    """Else two releases would serve side by side until the next change."""
    (road,) = FILTERS["release_roads"](DEPLOYMENTS, statuses(k1=["garden"]), GROUPS, [])
    assert road == {
        # A failed task prints the item of its loop.
        "app": {key: value for key, value in GARDEN.items() if key not in SECRET},
        "release": {"app": "garden", "id": "2-b", "path": "/srv/garden/releases/2-b"},
        "way": "forward",
        "live": {"w1": "1-a", "w2": "1-a", "k1": "1-a", "f1": None},
        "beside": {"w1": ["garden-web-0-z"], "w2": [], "k1": [], "f1": []},
        "hosts": {"all": HOSTS, "worker": ["w2", "k1"], "web": ["w1", "w2"]},
    }


def test_each_application_that_is_pending_anywhere_has_a_road_and_no_other():
    def names(**pending):
        return [road["app"]["name"] for road in FILTERS["release_roads"](DEPLOYMENTS, statuses(**pending), GROUPS, [])]

    assert names() == []
    assert names(w1=["orchard"], f1=["garden", "orchard"]) == ["garden", "orchard"]
    assert names(w1=["orchard"]) == ["orchard"]
    assert FILTERS["release_roads"]([], statuses(w1=["garden"]), GROUPS, []) == []


def test_a_hook_s_commands_run_in_order_on_the_first_host_or_on_all():
    """Each on all of its hosts before the next one begins: it may build on it."""
    once, all_over = ({"command": name, "everywhere": name == "b", "timeout": 9} for name in ("a", "b"))
    hooks = {"before_migrate": [once, all_over, once | {"command": "c"}], "after_live": []}
    road = {"app": {"hooks": hooks}, "hosts": {"all": ["w1", "k1"]}}
    runs = FILTERS["hook_runs"](road, "before_migrate")
    assert [(run["host"], run["command"]) for run in runs] == [("w1", "a"), ("w1", "b"), ("k1", "b"), ("w1", "c")]
    assert {run["timeout"] for run in runs} == {9}
    assert FILTERS["hook_runs"](road, "after_live") == []


def test_files_below_a_directory_keep_their_places(tmp_path):
    for name in ("b.py", "package/a.py", "package/deep/c.py", "package/a.pyc", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert FILTERS["files_below"](str(tmp_path), "/usr/local/lib/agent") == [
        {"path": f"/usr/local/lib/agent/{name}", "src": str(tmp_path / name)}
        for name in ("b.py", "package/a.py", "package/deep/c.py")
    ]


def test_an_interrupted_deploy_is_taken_up_also_where_everything_runs():
    """It may have been cut off after the last program, with the record, the pruning and the lock still to do."""
    (road,) = FILTERS["release_roads"](DEPLOYMENTS, statuses(), GROUPS, ["garden"])
    assert road["app"]["name"] == "garden"
