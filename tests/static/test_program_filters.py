"""What the filters make of an application: programs and URLs."""

from __future__ import annotations

import configparser
import shlex
from urllib.parse import unquote, urlsplit

import pytest
from conftest import plugin
from release_samples import GARDEN, HOSTILE

FILTERS = {}
for _name in ("release", "celery", "supervisor", "environment"):
    FILTERS |= plugin(f"filter/{_name}").FilterModule().filters()


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


def test_celery_s_own_environment_is_the_launcher_s_task():
    app = {"name": "a", "celery": "a", "workers": [], "beat": {"scheduler": "s"}, "celery_environment": {"A": "1"}}
    assert FILTERS["celery_programs"](app, "1")[0]["command"][:3] == ["--celery", "celery", "-A"]
    assert FILTERS["celery_programs"](app | {"celery_environment": {}}, "1")[0]["command"][:2] == ["celery", "-A"]


def test_of_several_hosts_the_one_with_the_lease_runs_beat():
    app = {"name": "a", "celery": "a", "workers": [], "beat": {"scheduler": "s"}, "celery_environment": {"A": "1"}}
    leased = ["/usr/local/lib/cloche/leased", "a-beat"]
    command = FILTERS["celery_programs"](app, "1", True)[0]["command"]
    assert command[:7] == ["--celery", *leased, "celery", "-A", "a", "beat"]
    assert FILTERS["celery_programs"](app, "1")[0]["command"] == [word for word in command if word not in leased]
    workers = FILTERS["celery_programs"](GARDEN, "1", True)
    assert [entry["kind"] for entry in workers if leased[0] in entry["command"]] == ["beat"]


def test_workers_end_their_tasks_before_they_are_killed():
    found = programs()
    waits = {name: found[f"garden-worker-{name}-1-a"]["stop_wait"] for name in ("all", "slow")}
    assert waits == {"all": 330, "slow": 930}


def test_a_worker_that_need_not_hear_of_the_others_does_not():
    worker = {"name": "all", "queues": ["default"], "time_limit": 300}
    alone = {"--without-gossip", "--without-mingle"}
    commands = {
        gossip: programs(workers=[worker | {"gossip": gossip}])["garden-worker-all-1-a"]["command"]
        for gossip in (True, False)
    }
    assert not alone & set(commands[True])
    assert set(commands[False]) - set(commands[True]) == alone


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
        ({"celery": None, "wsgi": None, "beat": None, "flower": None, "processes": [{"group": "web"}]}, ["process"]),
    ],
)
def test_kinds_of_programs(changes, kinds):
    assert FILTERS["program_kinds"](GARDEN | changes, ["web", "worker", "beat", "flower"]) == kinds


@pytest.mark.parametrize(
    ("groups", "kinds"),
    [
        (["web"], ["web"]),
        (["worker", "postgres"], ["worker", "process"]),
        (["beat", "flower"], ["beat", "flower", "process"]),
        (["postgres"], []),
    ],
)
def test_a_host_has_the_kinds_of_its_groups(groups, kinds):
    processes = [{"name": name, "group": name} for name in ("worker", "beat")]
    assert FILTERS["program_kinds"](GARDEN | {"processes": processes}, groups) == kinds


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


# --- a release's files ----------------------------------------------------------------------------------------------

BOT = {
    "name": "bot", "command": "python -m bot --greet 'good day'", "group": "worker", "count": 2,
    "stop_signal": "INT", "stop_timeout": 45,
}  # fmt: skip


def test_further_processes_are_programs_like_the_others():
    first, second = FILTERS["process_programs"](
        GARDEN | {"processes": [BOT, BOT | {"name": "poll", "count": 1}]}, "1-a", ["worker"]
    )
    command = ["python", "-m", "bot", "--greet", "good day"]
    bounds = {"stop_wait": 45, "count": 2, "stop_signal": "INT"}
    assert first == {"name": "garden-process-bot-1-a", "command": command} | bounds
    assert second["name"] == "garden-process-poll-1-a"
    assert FILTERS["process_programs"](GARDEN, "1-a", ["worker"]) == []


def test_a_process_runs_on_the_hosts_of_its_group():
    app = GARDEN | {"processes": [BOT, BOT | {"name": "poll", "group": "web"}]}
    found = {group: FILTERS["process_programs"](app, "1-a", [group, "redis"]) for group in ("worker", "web", "beat")}
    names = {group: [program["name"] for program in programs] for group, programs in found.items()}
    assert names == {"worker": ["garden-process-bot-1-a"], "web": ["garden-process-poll-1-a"], "beat": []}


def test_each_program_is_a_file_of_its_release_started_by_its_launcher():
    beat = {"name": "garden-beat-1-a", "command": ["celery", "beat"], "stop_wait": 30}
    several = FILTERS["process_programs"](GARDEN | {"processes": [BOT]}, "1-a", ["worker"])
    one, two = FILTERS["program_files"]([beat, *several], "garden", "/srv/garden/releases/1-a")
    place = "/srv/garden/releases/1-a"
    assert (one["path"], two["path"]) == (
        f"{place}/programs/garden-beat-1-a.conf",
        f"{place}/programs/garden-process-bot-1-a.conf",
    )
    assert one["content"].startswith("[program:garden-beat-1-a]\n")
    values, others = parsed(one["content"]), parsed(two["content"])
    assert shlex.split(values["command"]) == [f"{place}/run", "celery", "beat"]
    assert (values["user"], values["stopwaitsecs"]) == ("garden", "30")
    assert values["stdout_logfile"] == "/var/log/garden/garden-beat-1-a.log"
    assert ("numprocs" in values, others["numprocs"]) == (False, "2")
    assert (values["stopsignal"], others["stopsignal"]) == ("TERM", "INT")


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
