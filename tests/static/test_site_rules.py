"""What an application says of its site and of gunicorn: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import re

import pytest
import yaml
from conftest import ROOT
from samples import DELETE, filters, found, garden

ASGI = {"app_wsgi": DELETE, "app_asgi": "config.asgi:application"}
THREADS = {"app_web__worker_class": "gthread"}


def located(path: str = "/import", **keys):
    return {"app_locations": [{"path": path, **keys}]}


GOOD = {
    "larger bodies": located(body_limit="200m"),
    "slow answers of threads": located(timeout=600) | THREADS,
    "slow answers of a sync class that has threads": located(timeout=600) | {"app_web__threads": 4},
    "websockets": located("/ws/", timeout=3600, buffering=False) | ASGI,
    "files": located("/media/", files="media", expires="30d"),
    "files in depth": located("/x/y", files="media/.private/x", internal=True, expires="-1"),
    "a path below another": {"app_locations": [{"path": "/a", "body_limit": "1m"}, {"path": "/a/b", "files": "b"}]},
    "well-known files": located("/.well-known/", files="well-known"),
    "other place of static files": {"app_web__static_url": "/assets/v2/"},
    "place of static files where there are none": located("/static/", files="s") | {"app_static_root": DELETE},
    "certificate": {"app_certificate": {"certificate": "/etc/ssl/a_b.test/fullchain.pem", "key": "/etc/ssl/key.pem"}},
    "wildcard domain": {"app_domains": ["garden.test", "*.garden.test"]},
    "gevent": {"app_web__worker_class": "gevent"},
    "gevent by its class": {"app_web__worker_class": "gunicorn.workers.ggevent.GeventWorker"},
    "class of a package": {"app_web__worker_class": "meinheld.gmeinheld.MeinheldWorker", "app_web__threads": 2},
    "class of the project": {"app_web__worker_class": "sync.workers.Mine"} | ASGI,
    "gunicorn's own class for ASGI": {"app_web__worker_class": "asgi"} | ASGI,
    "uvicorn's class": {"app_web__worker_class": "uvicorn_worker.UvicornH11Worker"} | ASGI,
}


@pytest.mark.parametrize("case", GOOD)
def test_what_a_site_may_have_is_accepted(case, facts):
    assert found(garden(**GOOD[case]), facts) == []


AT = "app_locations[/import]"
CLASS = "app_web.worker_class"
#: What is changed -> variable, value and words of the remedy. Each is the only problem that is reported.
BAD = {
    "no path": ({"app_locations": [{"body_limit": "1m"}]}, "app_locations[0].path", "(missing)", "add it"),
    "relative path": (located("import", files="x"), "app_locations[import].path", "import", "must begin with /"),
    "path of dots": (located("/a/../b", files="x"), "app_locations[/a/../b].path", "/a/../b", "must begin with /"),
    "words of nginx": (located("/a { }", files="x"), "app_locations[/a { }].path", "/a { }", "must begin with /"),
    "whole site": (located("/", body_limit="1g"), "app_locations[/].path", "/", "set app_web.body_limit or"),
    "one path twice": (
        {"app_locations": [{"path": "/a", "files": "a"}, {"path": "/a/", "body_limit": "1m"}]},
        "app_locations[/a/].path", "/a/", "in app_locations twice"),
    "path of static files": (
        located("/static", files="x"), "app_locations[/static].path", "/static", "the place of the static files"),
    "path of Flower": (located("/flower/", files="x"), "app_locations[/flower/].path", "/flower/", "Flower's place"),
    "nothing else": (located(), AT, "/import", "changes nothing: give body_limit, timeout, buffering or files"),
    "misspelt key of a location": (located(time_out=90), f"{AT}.time_out", "90", "did you mean timeout?"),
    "body limit of a location": (located(body_limit="lots"), f"{AT}.body_limit", "lots", "give digits and k, m or g"),
    "timeout below gunicorn's": (
        located(timeout=60) | THREADS, f"{AT}.timeout", "60", "raise it above app_web.timeout (60 s): nginx would"),
    "timeout beyond a sync worker's": (
        located(timeout=90), f"{AT}.timeout", "90", "a sync worker is killed after app_web.timeout (60 s): raise"),
    "files with a timeout": (located(files="x", timeout=90), f"{AT}.timeout", "90", "remove it or files"),
    "files with a body limit": (located(files="x", body_limit="1m"), f"{AT}.body_limit", "1m", "remove it or files"),
    "files with buffering": (located(files="x", buffering=True), f"{AT}.buffering", "true", "remove it or files"),
    "internal without files": (located(internal=True), f"{AT}.internal", "true", "only for files: name their"),
    "expires without files": (located(body_limit="1m", expires="1d"), f"{AT}.expires", "1d", "only for files"),
    "expires": (located(files="x", expires="a day"), f"{AT}.expires", "a day", "give a time as nginx writes it"),
    "files elsewhere": (located(files="../x"), f"{AT}.files", "../x", "below the application's shared one"),
    "files of the system": (located(files="/etc"), f"{AT}.files", "/etc", "below the application's shared one"),
    "all files": (located(files="."), f"{AT}.files", ".", "below the application's shared one"),
    "health among files": (
        located("/up", files="x") | {"app_health_path": "/up/health"}, "app_health_path", "/up/health",
        "choose a path that the application answers"),
    "health among static files": (
        {"app_health_path": "/static/ok"}, "app_health_path", "/static/ok", "choose a path that the application"),
    "relative static files": ({"app_web__static_url": "static/"}, "app_web.static_url", "static/", "begins and ends"),
    "static files without an end": ({"app_web__static_url": "/s"}, "app_web.static_url", "/s", "begins and ends"),
    "static files everywhere": ({"app_web__static_url": "/"}, "app_web.static_url", "/", "begins and ends"),
    "certificate without a key": (
        {"app_certificate": {"certificate": "/a.pem"}}, "app_certificate.key", "(missing)", "add it: Path of its"),
    "key without a certificate": (
        {"app_certificate": {"key": "/a.pem"}}, "app_certificate.certificate", "(missing)", "add it: Path of the"),
    "certificate on the controller": (
        {"app_certificate": {"certificate": "tls/a.pem", "key": "/a.key"}}, "app_certificate.certificate", "tls/a.pem",
        "a file on the web hosts"),
    "certificate without a site": (
        {"app_certificate": {"certificate": "/a.pem", "key": "/a.key"}, "app_wsgi": DELETE, "app_domains": []},
        "app_certificate", "(a mapping of certificate, key)", "there is no site"),
    "no class": ({"app_web__worker_class": "uvicorn worker"}, CLASS, "uvicorn worker", "no worker class: give one of"),
    "short name of nobody": ({"app_web__worker_class": "uvicorn"}, CLASS, "uvicorn", "module.Class of a package in"),
    "sync for ASGI": (
        {"app_web__worker_class": "sync"} | ASGI, CLASS, "sync", "the package uvicorn-worker in the requirements"),
    "gevent's class for ASGI": (
        {"app_web__worker_class": "gunicorn.workers.ggevent.GeventWorker"} | ASGI, CLASS,
        "gunicorn.workers.ggevent.GeventWorker", "serves WSGI, not app_asgi: remove it for uvicorn_worker"),
    "uvicorn for WSGI": (
        {"app_web__worker_class": "uvicorn_worker.UvicornWorker"}, CLASS, "uvicorn_worker.UvicornWorker",
        "give app_asgi instead of app_wsgi (with the package uvicorn-worker in the requirements)"),
    "gunicorn's own class for WSGI": (
        {"app_web__worker_class": "asgi"}, CLASS, "asgi", "give app_asgi instead of app_wsgi, or a class for WSGI"),
    "threads of gevent": (
        {"app_web": {"worker_class": "gevent_pywsgi", "threads": 4}}, "app_web.threads", "4", "set worker_class to"),
    "preload with gevent": (
        {"app_web": {"worker_class": "gevent", "preload": True}}, "app_web.preload", "true", "too late for what is lo"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_contradicts_is_one_problem(case, facts):
    changes, variable, value, remedy = BAD[case]
    problems = found(garden(**changes), facts)
    assert [p[:2] for p in problems] == [(variable, value)], problems
    assert remedy in problems[0][2]


def test_locations_without_a_site_are_refused(facts):
    changes = {"app_wsgi": DELETE, "app_domains": []}
    problems = found(garden(app_locations=[{"path": "/media/", "files": "media"}], **changes), facts)
    assert problems == [
        ("app_locations", '["/media/"]', "there is no site: name its domains in app_domains, or remove this")
    ]


def test_the_timeout_of_a_location_is_in_the_chain(facts):
    definition = garden(app_locations=[{"path": "/ws", "timeout": 3600}], **THREADS)
    chain = filters.timeout_chain(filters.complete_applications({"garden": definition})[0], facts)
    assert ["requests to /ws: gunicorn's timeout", 60] in chain
    assert ["requests to /ws: nginx's read timeout", 3600] in chain


def test_the_documented_example_is_sound(facts):
    text = (ROOT / "docs/adopting.md").read_text()
    example = yaml.safe_load(re.search(r"```yaml\n(app_domains.*?)```", text, re.DOTALL)[1])
    assert {"app_domains", "app_certificate", "app_web", "app_locations"} == example.keys()
    assert found(garden(**example), facts) == []
