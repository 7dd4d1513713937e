"""One view of all logs: in the order of time, following, and a request with all that came of it."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest
from operating import ENGINE, INVENTORY, ON, SSH, inventory_of, on, said
from polling import until
from scenario_host import HOST, shell

SERVICES = ["supervisor", "nginx"]


def seen(*options: str, inventory=INVENTORY) -> list[dict]:
    """Return the entries of a view that does not follow."""
    done = on("logs", "--follow", "0", "--format", "json", *options, inventory=inventory)
    assert done.returncode == 0, said(done)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_program_is_in_it_in_the_order_of_time(garden, inventory):
    assert garden.request("GET", "/readyz").status_code == 200
    entries = seen("--since", "1d", inventory=inventory)
    programs = {entry["program"] for entry in entries}
    assert {
        "nginx-access", "postgres", "rabbitmq", "supervisord", "redis-server-garden-cache", "redis-server-garden-state",
        "garden-web", "garden-beat", "garden-worker-default", "garden-worker-slow", "garden-deploys",
        "celery_demo-worker-default", "celery_demo-beat",
    } <= programs  # fmt: skip
    times = [entry["time"] for entry in entries]
    assert times == sorted(times)


def test_a_requests_whole_story_is_found_by_its_id(garden, inventory):
    answer = garden.request("POST", "/tasks/", data={"type": "0"})
    identifier, task = answer.headers["X-Request-ID"], answer.json()["task_id"]
    until(lambda: garden.request("GET", f"/tasks/{task}/").json()["task_status"] == "SUCCESS", bool, 20)
    entries = seen("--request", identifier, inventory=inventory)
    lines: dict[str, list[str]] = {}
    for entry in entries:
        lines.setdefault(entry["program"], []).append(entry["line"])
    assert any('"POST /tasks/' in line for line in lines["nginx-access"])
    assert any('"POST /tasks/"' in line and "202" in line for line in lines["garden-web"])
    worker = [line for program, found in lines.items() if "worker" in program for line in found]
    assert any("received" in line and task in line for line in worker)
    assert any("succeeded" in line and task in line for line in worker)
    # And nothing of anybody else.
    assert all(identifier in e["line"] or task in e["line"] for e in entries)


def test_where_only_nginx_knows_a_request_it_says_so(garden):
    identifier = garden.request("GET", "/static/nothing.css").headers["X-Request-ID"]
    done = on("logs", "--request", identifier)
    assert "nginx-access" in done.stdout
    assert "only nginx names" in done.stderr, said(done)


def test_a_request_without_a_task_is_told_to_have_none(garden):
    identifier = garden.request("GET", "/readyz").headers["X-Request-ID"]
    done = on("logs", "--request", identifier)
    assert "garden-web" in done.stdout, said(done)
    assert "no task names" in done.stderr


def test_an_id_that_nobody_has_is_not_found():
    done = on("logs", "--request", "0" * 32)
    assert done.returncode == 1
    assert "no line has" in done.stderr


@pytest.mark.parametrize(
    ("options", "programs"),
    [
        (["--program", "nginx"], {"nginx-access", "nginx-error"}),
        (["--program", "worker", "--app", "celery_demo"], {"celery_demo-worker-default"}),
        (["--program", "redis"], {"redis-server-garden-cache", "redis-server-garden-state"}),
    ],
)
def test_programs_and_applications_are_chosen(options, programs):
    found = {entry["program"] for entry in seen("--since", "1d", *options)}
    assert found
    assert found <= programs


def test_one_applications_view_has_its_lines_of_the_servers_alone(garden):
    assert garden.request("GET", "/readyz").status_code == 200
    entries = seen("--app", "garden", "--since", "1d")
    assert all(" host=localhost " in e["line"] for e in entries if e["program"] == "nginx-access")
    assert {e["program"] for e in entries} & {"nginx-access", "garden-web"} == {"nginx-access", "garden-web"}
    assert not [e for e in entries if e["program"].startswith("celery_demo")]


@contextmanager
def following(*options: str, inventory=INVENTORY):
    """Follow meanwhile; the list holds the lines that have come so far."""
    lines: list[str] = []
    process = subprocess.Popen([*ON, str(inventory), "logs", *options], stdout=subprocess.PIPE, text=True)
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")), daemon=True)
    reader.start()
    try:
        yield lines
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()
        reader.join()


def test_it_follows_across_a_rotation_and_leaves_nothing_behind(garden, inventory):
    with following("--program", "nginx-access", "--since", "1s", inventory=inventory) as lines:
        time.sleep(3)
        for number in range(3):
            path = f"/readyz?followed={number}"
            sent = time.monotonic()
            garden.request("GET", path)
            until(lambda path=path: any(path in line for line in lines), bool, 10)
            assert time.monotonic() - sent < 5
            shell("logrotate --force /etc/logrotate.d/nginx")
    until(lambda: "log_reader" not in shell("ps -ww -eo args="), bool, 10)


def test_a_story_is_told_across_hosts(garden):
    """One name of the host is a web host, reached through the engine, the other a worker host, over ssh."""
    groups = {"web": ["front"], "worker": ["back"], "postgres": ["back"]}
    place = inventory_of("across", {"front": ENGINE, "back": SSH}, groups)
    identifier = garden.request("POST", "/tasks/", data={"type": "0"}).headers["X-Request-ID"]
    time.sleep(3)
    entries = seen("--request", identifier, inventory=place)
    assert [e["time"] for e in entries] == sorted(e["time"] for e in entries)
    assert {e["host"] for e in entries if e["program"] == "nginx-access"} == {"front"}
    assert "back" in {e["host"] for e in entries if e["program"] == "garden-worker-default"}


def test_a_host_that_does_not_answer_is_named_and_the_others_are_shown():
    place = inventory_of("two", {HOST: SSH, "nowhere": {"ansible_port": 9}}, {"web": [HOST, "nowhere"]})
    done = on("logs", "--follow", "0", "--program", "nginx", "--since", "1h", inventory=place)
    assert done.returncode == 1
    assert "logs: nowhere does not answer: " in done.stderr
    assert f"  {HOST}  " in done.stdout


def test_a_host_that_was_lost_is_followed_again(garden):
    with following("--program", "nginx-access", "--since", "1s") as lines:
        time.sleep(3)
        shell("pkill -f '[i]mport json, sys, types'")
        time.sleep(8)
        garden.request("GET", "/readyz?after=the-loss")
        until(lambda: any("after=the-loss" in line for line in lines), bool, 20)
