"""`make deploy` of applications that no host has had: they get their places on the way, or nothing of them is live."""

import demo
import httpx
import pytest
from polling import until
from scenario_host import Site, current, pids, shell
from unlike import HOSTS, deploy, outcomes

SERVICES = ["supervisor", "nginx", "rabbitmq-server", "postgresql"]
SITE = Site("classic.test")
#: The hook lets it through once there is this file, so that the same release is tried twice.
ALLOWED = "/srv/classic/shared/allowed"
GUARD = {"app_hooks": {"after_live": [f"test -e {ALLOWED}"]}}
LINKS = "ls -d /srv/classic/current /srv/classic/web.sock /srv/classic/previous 2>/dev/null || true"


def test_strictness_refuses_settings_that_can_lose_a_task_before_anything_is_live(tmp_path):
    done = deploy("classic", tmp_path, "-e", "doctor_strict=true", app_doctor_accepts=None)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "Find no setting that loses or risks something" in said and "task_create_missing_queues" in said, said
    assert (pids("classic"), shell(LINKS)) == ({}, "")


def test_a_first_release_that_fails_at_its_end_is_not_live(tmp_path):
    done = deploy("classic", tmp_path, **GUARD)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "failed at: Run the application's commands" in said, said
    assert "nothing was live before, and nothing is" in said, said
    assert (pids("classic"), shell(LINKS)) == ({}, "")
    # It has its site by now, with nobody behind.
    assert SITE.request("GET", "/").status_code == 502
    assert outcomes("classic")[-1] == ("failed", "Run the application's commands")
    assert shell("ls /srv/classic/venvs").split() != []


def test_the_next_deploy_of_the_same_verifies_it(tmp_path):
    shell(f"touch {ALLOWED}")
    done = deploy("classic", tmp_path, **GUARD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert outcomes("classic")[-1] == ("live", None)
    assert f"/srv/classic/releases/{current('classic')}" in shell("readlink /srv/classic/current")


def test_it_has_a_site_a_database_and_redis():
    assert SITE.request("GET", "/").status_code == 200
    assert SITE.request("POST", "/notes/", data={"key": "newcomer"}).status_code == 202
    summary = {"accepted": 1, "completed": 1, "lost": 0, "duplicated": 0}
    path = "/notes/summary/?prefix=newcomer"
    assert until(lambda: SITE.request("GET", path).json(), lambda found: found == summary, 20) == summary


def test_another_has_a_vhost(tmp_path):
    done = deploy("celery_demo", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    task = demo.console("from celery_demo.tasks import add; print(repr(add.delay(2, 2).id))")
    # Each of its two hosts keeps results of its own, in a file.
    ran = f"cat /var/log/celery_demo/celery_demo-worker-*.log | grep -c '{task}. succeeded' || true"
    assert until(lambda: sum(int(shell(ran, host=host)) for host in HOSTS), lambda count: count == 1, 20) == 1


def test_those_that_were_there_serve_on():
    assert [Site(f"{name}.test").request("GET", "/").status_code for name in ("pages", "echoes")] == [200, 200]


def test_a_name_of_nobody_is_not_answered():
    """The certificate was made anew for the newcomer: it must not answer for whatever comes."""
    with pytest.raises(httpx.ConnectError):
        Site("nobody.test").request("GET", "/")
