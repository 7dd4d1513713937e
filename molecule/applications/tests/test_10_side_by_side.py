"""Each of the three answers as it should, and none reaches what is another's."""

import json
import re
import time
import uuid

import demo
import pytest
from applications import DOMAINS, SOURCES, site, url
from polling import until
from scenario_host import PROJECT, console, pids, play, shell

SERVICES = ["supervisor", "nginx", "rabbitmq-server", "postgresql", "redis-server"]
PROGRAMS = {
    "garden": ["beat", "flower", "web", "worker-default", "worker-slow"],
    "celery_demo": ["beat", "worker-default"],
    "classic": ["beat", "process-watch_inbox", "web", "worker-celery"],
}
LOOKS = "psql -U postgres -qAt classic -c 'select looks from notes_tally'"
TICKS = "cat /var/log/classic/classic-worker-*.log | grep -c 'Task notes.tasks.resend_overdue.* succeeded' || true"


@pytest.fixture
def classic():
    """Its site."""
    return site("classic")


@pytest.mark.parametrize("name", SOURCES)
def test_it_has_its_programs_and_no_others(name):
    assert sorted(re.sub(r"-\d{14}-.*", "", program) for program in pids(name)) == [
        f"{name}-{program}" for program in PROGRAMS[name]
    ]


@pytest.mark.parametrize("name", DOMAINS)
def test_a_site_answers_under_its_own_name(name):
    answer = site(name).request("GET", "/")
    assert answer.status_code == 200
    assert ("<h1>Classic</h1>" in answer.text) == (name == "classic")


def test_its_stylesheet_comes_as_it_is(classic):
    answer = classic.request("GET", "/static/notes/classic.css")
    assert answer.status_code == 200
    assert answer.content == (PROJECT / "examples/classic/notes/static/notes/classic.css").read_bytes()
    # Its name does not change with its content.
    assert "immutable" not in answer.headers["Cache-Control"]


def test_the_admin_signs_in_over_tls_and_is_styled(classic):
    page = classic.request("GET", "/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    headers = {"Referer": f"{url('classic')}/admin/login/", "Cookie": page.headers["Set-Cookie"].split(";")[0]}
    fields = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": token}
    assert "Secure" in page.headers["Set-Cookie"]
    assert classic.request("GET", "/static/admin/css/base.css").status_code == 200
    # Refused for the password; without the proxy's word for TLS it would be for the token.
    answer = classic.request("POST", "/admin/login/", data=fields, headers=headers)
    assert (answer.status_code, "correct username" in answer.text) == (200, True)


def test_an_upload_is_kept_outside_the_release_and_served(classic):
    content = uuid.uuid4().bytes
    sent = classic.request("POST", "/notes/", data={"key": uuid.uuid4().hex}, files={"attachment": ("a.png", content)})
    assert sent.status_code == 202, sent.text
    address = sent.json()["attachment"]
    assert classic.request("GET", address).content == content
    shell(f"test -f /srv/classic/shared{address}")


def test_a_task_is_done_once(classic):
    prefix = f"side.{uuid.uuid4().hex}."
    for number in range(5):
        assert classic.request("POST", "/notes/", data={"key": f"{prefix}{number}"}).status_code == 202
    counts = until(lambda: summary(classic, prefix), lambda found: found["completed"] == 5, 20)
    time.sleep(1)
    assert summary(classic, prefix) == counts == {"accepted": 5, "completed": 5, "lost": 0, "duplicated": 0}


def summary(classic, prefix: str) -> dict[str, int]:
    """Return what became of the notes with a prefix."""
    return classic.request("GET", "/notes/summary/", params={"prefix": prefix}).json()


def test_its_beat_ticks():
    before = int(shell(TICKS))
    assert until(lambda: int(shell(TICKS)), lambda ticks: ticks > before, 45) > before


def test_its_extra_process_counts():
    before = int(shell(LOOKS))
    assert until(lambda: int(shell(LOOKS)), lambda looks: looks > before, 15) > before


def test_the_sample_works_on_what_it_is_given():
    garden, prefix = site("garden"), f"side.{uuid.uuid4().hex}."
    assert garden.request("POST", "/ledger/", data={"key": f"{prefix}1"}).status_code == 202
    path = f"/ledger/summary/?prefix={prefix}"
    assert until(lambda: garden.request("GET", path).json(), lambda found: found["completed"] == 1, 20)["lost"] == 0


def test_the_plain_application_works_on_what_it_is_given():
    assert demo.console("from celery_demo.tasks import add; print(add.delay(2, 2).get(timeout=20))") == 4


def test_their_status_is_known():
    status = json.loads(play("status", "-e", "format=json", callback="answer"))
    assert status["level"] == "ok", status


@pytest.mark.parametrize("name", SOURCES)
def test_its_settings_lose_nothing(name):
    [report] = json.loads(play("doctor", "-e", f"release_only={name}", "-e", "format=json", callback="answer"))
    assert not report["lossy"], report


# --- who reaches what -----------------------------------------------------------------------------------------------

#: Scripts that reach for a database, a vhost or a Redis instance with what an application was given of its own.
DATABASE = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL'].rpartition('/')[0] + '/{}').close()"
VHOST = "import os, kombu; kombu.Connection(os.environ['CELERY_BROKER_URL'].rpartition('/')[0] + '/{}').connect()"
REDIS = "import os, re, redis; redis.from_url(re.sub(r':[0-9]+/0$', ':{}/0', os.environ['CACHE_URL'])).ping()"
#: Ports of garden's cache and state, and of classic's.
REFUSED = [
    ("garden", DATABASE, "classic", "permission denied for database|no pg_hba.conf entry"),
    ("classic", DATABASE, "garden", "permission denied for database|no pg_hba.conf entry"),
    ("garden", VHOST, "celery_demo", "NOT_ALLOWED|NotAllowed|AccessRefused"),
    ("celery_demo", VHOST, "garden", "NOT_ALLOWED|NotAllowed|AccessRefused"),
    *[("garden", REDIS, port, "invalid username-password|WRONGPASS") for port in (6392, 6393)],
    *[("classic", REDIS, port, "invalid username-password|WRONGPASS") for port in (6380, 6381)],
]
REACHED = [
    ("garden", DATABASE, "garden"), ("classic", DATABASE, "classic"), ("garden", VHOST, "garden"),
    ("celery_demo", VHOST, "celery_demo"), ("garden", REDIS, 6380), ("classic", REDIS, 6392),
]  # fmt: skip


@pytest.mark.parametrize(("name", "script", "place"), REACHED)
def test_each_reaches_its_own(name, script, place):
    """Also proves that the scripts below would reach what is another's."""
    done = console(name, script.format(place))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "script", "place", "refusal"), REFUSED)
def test_none_reaches_what_is_anothers(name, script, place, refusal):
    done = console(name, script.format(place))
    assert done.returncode != 0
    assert re.search(refusal, done.stderr), done.stderr


@pytest.mark.parametrize("name", SOURCES)
def test_none_reads_anothers_secrets(host, name):
    read = "runuser -u %s -- cat /etc/cloche/%s.env"
    assert host.run(read, name, name).rc == 0
    assert [other for other in SOURCES if other != name and host.run(read, name, other).rc == 0] == []
