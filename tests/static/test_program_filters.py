"""What the filters make of an application: programs, URLs, releases."""

from __future__ import annotations

import configparser
import copy
import importlib.util
import json
import os
import shlex
import subprocess
import sys
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT

FILTERS = {}
for _name in ("release", "celery", "supervisor", "urls"):
    _spec = importlib.util.spec_from_file_location(f"filter_{_name}", ROOT / f"plugins/filter/{_name}.py")
    _module = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_module)
    FILTERS |= _module.FilterModule().filters()

HOSTILE = "p% $#'\"\\:@/ ü"
GARDEN = {
    "name": "garden",
    "source": {"path": "app"},
    "requirements": "requirements.txt",
    "hooks": {"build": ["npm run build"], "after_live": ["true"]},
    "celery": "config",
    "workers": [
        {"name": "all", "queues": ["default", "mail"], "pool": "prefork", "concurrency": 2, "prefetch": 4,
         "time_limit": 300},
        {"name": "slow", "queues": ["slow"], "concurrency": 1, "prefetch": 1, "time_limit": 900},
    ],
    "wsgi": "config.wsgi:application",
    "asgi": None,
    "beat": {"scheduler": "a.b:Scheduler"},
    "flower": {},
    "processes": [],
    "secrets": {"django": HOSTILE},
}  # fmt: skip


def programs(**changes):
    return {entry["name"]: entry for entry in FILTERS["celery_programs"](GARDEN | changes, "1-a")}


def parsed(text):
    """Return a section as supervisord reads it: its comments, its expansions."""
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
    parser.read_string(text)
    (section,) = parser.sections()
    names = {"program_name": section.partition(":")[2], "process_num": 0}
    return {key: value % names for key, value in parser[section].items()}


# --- programs -------------------------------------------------------------------------------------------------------


def test_workers_end_their_tasks_before_they_are_killed():
    found = programs()
    waits = {name: found[f"garden-worker-{name}-1-a"]["stop_wait"] for name in ("all", "slow")}
    assert waits == {"all": 330, "slow": 930}


def test_a_worker_s_command_says_all_that_its_definition_does():
    worker = programs()["garden-worker-all-1-a"]
    assert worker["kind"] == "worker"
    assert worker["command"][:4] == ["celery", "-A", "config", "worker"]
    options = dict(option.lstrip("-").split("=") for option in worker["command"][4:])
    assert options == {
        "hostname": "garden-worker-all-1-a@%h",
        "queues": "default,mail",
        "loglevel": "INFO",
        "pool": "prefork",
        "concurrency": "2",
        "prefetch-multiplier": "4",
        "time-limit": "300",
    }


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({}, ["worker", "worker", "beat", "flower"]),
        ({"beat": None}, ["worker", "worker", "flower"]),
        ({"flower": None, "workers": []}, ["beat"]),
        ({"celery": None}, []),
    ],
)
def test_only_what_is_described_runs(changes, kinds):
    assert [program["kind"] for program in programs(**changes).values()] == kinds


@pytest.mark.parametrize(
    ("changes", "kinds"),
    [
        ({}, ["worker", "web", "beat", "flower"]),
        ({"wsgi": None, "beat": None, "flower": None}, ["worker"]),
        ({"wsgi": None, "asgi": "config.asgi:application", "workers": [], "flower": None}, ["web", "beat"]),
        ({"celery": None, "wsgi": None, "beat": None, "flower": None, "processes": [{"name": "bot"}]}, ["process"]),
    ],
)
def test_kinds_of_programs(changes, kinds):
    assert FILTERS["program_kinds"](GARDEN | changes) == kinds


@pytest.mark.parametrize(
    "argument", [HOSTILE, "a ; b", "a # b", "it's ;'# so", "%(ENV_HOME)s %h 100%", "", ";", "#x", "two words"]
)
def test_a_command_reaches_the_program_word_by_word(argument):
    command = ["/srv/garden/run", "sh", "-c", argument, "end"]
    text = FILTERS["supervisor_program"]("garden-bot-1", "garden", command, "/var/log/bot.log", 30)
    assert shlex.split(parsed(text)["command"]) == command


def test_a_program_s_section():
    make = FILTERS["supervisor_program"]
    single = make("garden-web-1", "garden", ["gunicorn"], "/var/log/100%.log", 75)
    assert single.startswith("[program:garden-web-1]\n")
    values = parsed(single)
    assert (values["user"], values["stopwaitsecs"], values["stdout_logfile"]) == ("garden", "75", "/var/log/100%.log")
    # Only the main process is told to end, but none outlives the end.
    assert (values["stopasgroup"], values["killasgroup"]) == ("false", "true")
    assert "numprocs" not in values
    several = parsed(make("garden-bot-1", "garden", ["bot"], "/var/log/bot.log", 30, count=3))
    assert (several["numprocs"], several["process_name"]) == ("3", "garden-bot-1_0")


# --- URLs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("password", [HOSTILE, "plain", "%41", "+ +"])
@pytest.mark.parametrize("path", ["garden", "/", "a/b", ""])
def test_a_url_gives_back_what_went_in(password, path):
    url = urlsplit(FILTERS["service_url"]("amqp", "gar:den", password, "mq.test", 5672, path))
    assert (url.scheme, url.hostname, url.port) == ("amqp", "mq.test", 5672)
    assert (unquote(url.username), unquote(url.password)) == ("gar:den", password)
    assert unquote(url.path[1:]) == path
    assert (url.query, url.fragment) == ("", "")


@pytest.mark.parametrize("password", ["", None])
def test_without_a_password_there_is_no_service(password):
    assert FILTERS["service_url"]("redis", "garden", password, "r.test", 6379) == ""


# --- releases -------------------------------------------------------------------------------------------------------


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
        return FILTERS["deployments"]([app], [BUILD], "cp313-x86_64", environment, [str(kit)])

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
    wanted = {"app": "garden", "id": identifier, "kinds": ["web"]}
    assert FILTERS["wanted_releases"]([found], ["web"]) == [wanted]


@pytest.mark.parametrize("builds", [[], [{"source": {"name": "garden"}, "changed": True}]], ids=["none", "check mode"])
def test_without_a_build_there_is_no_deployment(kit, builds):
    assert FILTERS["deployments"]([GARDEN], builds, "cp313-x86_64", {}, [str(kit)]) == []


def test_a_build_gets_no_secret():
    (found,) = FILTERS["release_sources"]([GARDEN])
    assert found == {key: GARDEN[key] for key in ("name", "source", "requirements")} | {"hooks": ["npm run build"]}
