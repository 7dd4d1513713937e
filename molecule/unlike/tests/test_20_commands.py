"""What runs around a release and at certain times, who gets a guarded file, and which workers answer side by side."""

import time
from concurrent.futures import ThreadPoolExecutor

from polling import until
from scenario_host import HOST, Site, current, shell
from unlike import HOSTS, SECOND, deploy, outcomes

SERVICES = ["supervisor", "nginx", "postgresql"]
SITE = Site("pages.test")
TIMER = "systemctl is-active cloche-pages-tick.timer || true"


def ticks() -> list[str]:
    """Return a line for each time that the schedule ran on the first host: release and user."""
    return shell("cat /srv/pages/shared/ticks || true").splitlines()


def warmed(host: str) -> list[str]:
    """Return the line of each `after_live` on a host: its name."""
    return shell("cat /srv/pages/shared/warmed", host=host).splitlines()


# --- a guarded file -------------------------------------------------------------------------------------------------


def test_nginx_sends_the_file_that_a_view_lets_through():
    answer = SITE.request("GET", "/guarded/may/?word=sesame")
    assert (answer.status_code, answer.text) == (200, "what only some may read\n")
    assert answer.headers["Content-Type"] == "text/x-report"


def test_nobody_else_gets_it_by_either_way():
    assert SITE.request("GET", "/guarded/may/").status_code == 403
    assert SITE.request("GET", "/protected/may.txt").status_code == 404


# --- schedules ------------------------------------------------------------------------------------------------------


def test_a_timer_fires_again_and_again_in_the_live_release_as_its_user_on_one_host():
    began = len(ticks())
    new = until(ticks, lambda lines: len(lines) >= began + 3, 30)[began:]
    assert set(new) == {f"{current('pages')} pages"}
    assert "ticks" not in shell("ls /srv/pages/shared", host=SECOND).split()
    assert shell(TIMER, host=SECOND).strip() == "inactive"


def test_a_schedule_that_nobody_describes_any_more_goes_without_a_release(tmp_path):
    before = current("pages")
    done = deploy("pages", tmp_path, app_schedules=[])
    assert done.returncode == 0, done.stdout + done.stderr
    assert current("pages") == before
    assert shell(TIMER).strip() == "inactive"
    count = len(ticks())
    time.sleep(7)
    assert len(ticks()) == count


# --- hooks ----------------------------------------------------------------------------------------------------------


def test_a_command_for_everywhere_ran_on_each_host_once():
    assert {host: warmed(host) for host in HOSTS} == {HOST: [HOST], SECOND: [SECOND]}


def test_a_command_that_fails_once_it_serves_leads_back_on_every_host(tmp_path):
    before = [shell("readlink /srv/pages/current", host=host) for host in HOSTS]
    hooks = {"after_live": ["hostname >> /srv/pages/shared/warmed", "echo no cache here >&2; exit 3"]}
    done = deploy("pages", tmp_path, app_hooks=hooks)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "failed at: Run the application's commands" in said and "no cache here" in said, said
    assert f"{current('pages')} serves as before" in said
    assert [shell("readlink /srv/pages/current", host=host) for host in HOSTS] == before
    assert SITE.request("GET", "/").status_code == 200
    assert outcomes("pages")[-1] == ("failed", "Run the application's commands")
    # The first command ran, on the first host alone, as it was not for everywhere.
    assert {host: len(warmed(host)) for host in HOSTS} == {HOST: 2, SECOND: 1}


# --- workers that answer side by side -------------------------------------------------------------------------------


def seconds_for(count: int) -> tuple[float, set[str]]:
    """Return how long so many pages take that take a second each, asked for at once, and which workers they name."""
    began = time.monotonic()
    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda _: SITE.request("GET", "/wait/"), range(count)))
    assert [answer.status_code for answer in answers] == [200] * count
    return time.monotonic() - began, {answer.text for answer in answers}


def test_the_threads_of_one_process_answer_side_by_side():
    took, kind = seconds_for(8)
    assert took < 4 and kind == {"threads"}


def test_so_do_the_greenlets_of_gevent(tmp_path):
    done = deploy("pages", tmp_path, app_web={"workers": 1, "worker_class": "gevent"})
    assert done.returncode == 0, done.stdout + done.stderr
    took, kind = seconds_for(20)
    assert took < 8 and kind == {"gevent"}
    assert SITE.request("GET", "/").text.endswith("tables")
