"""Whose logs are read, and how those of several hosts become one."""

from __future__ import annotations

import re

import pytest
from ansible.module_utils.operating.environment import OperatingError
from ansible.module_utils.operating.log_sources import program_pattern, since, sources
from ansible.module_utils.operating.log_view import View, shown, tasks
from ansible.module_utils.operating.logs import degraded

ALL = ["postgres", "rabbitmq", "redis", "web", "worker"]
APPLICATIONS = {"garden": {"domains": ["garden.test", "*.garden.test"]}, "demo": {}}


def test_every_program_of_a_host_has_its_log():
    globs = {source["glob"] for source in sources(ALL, APPLICATIONS)}
    assert {
        "/var/log/nginx/access.log",
        "/var/log/nginx/error.log",
        "/var/log/postgresql/*.log",
        "/var/log/rabbitmq/rabbit.out",
        "/var/log/redis/*.log",
        "/var/log/supervisor/supervisord.log",
        "/var/log/garden/garden-*.log",
        "/var/log/demo/demo-*.log",
    } <= globs
    assert sources(["balancer"], APPLICATIONS) == [{"glob": "/var/log/balancer/access.log", "program": "balancer"}]
    assert sources(["redis"], APPLICATIONS) == [{"glob": "/var/log/redis/*.log", "program": "*"}]


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ('… "GET / HTTP/2.0" 200 5 "-" "curl" host=garden.test request_id=1', True),
        ('… "GET / HTTP/2.0" 200 5 "-" "curl" host=shop.garden.test request_id=1', True),
        ('… "GET / HTTP/2.0" 200 5 "-" "curl" host=other.test request_id=1', False),
    ],
)
def test_one_applications_lines_of_the_server(line, taken):
    [access] = [s for s in sources(ALL, APPLICATIONS, "garden") if s["glob"].endswith("access.log")]
    assert bool(re.search(access["only"], line)) is taken


def test_an_application_without_a_site_has_no_line_of_nginx():
    [access] = [s for s in sources(ALL, APPLICATIONS, "demo") if s["glob"].endswith("access.log")]
    assert not re.search(access["only"], " host= host=x ")


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ("", ["nginx-access", "garden-web", "redis-server-garden-cache"]),
        ("nginx", ["nginx-access"]),
        ("web,redis", ["garden-web", "redis-server-garden-cache"]),
        ("garden-*", ["garden-web"]),
        ("we", []),
    ],
)
def test_a_program_is_named_by_its_words(asked, taken):
    names = ["nginx-access", "garden-web", "redis-server-garden-cache"]
    assert [name for name in names if re.search(program_pattern(asked), name)] == taken


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("90s", 1769860710),
        ("2h", 1769853600),
        ("3d", 1769601600),
        ("11:30", 1769859000),
        ("2026-01-30 12:00", 1769774400),
    ],
)
def test_since_is_an_age_a_clock_or_a_date(asked, expected):
    assert since(asked, 1769860800.0) == expected


def test_another_word_for_since_is_refused():
    with pytest.raises(OperatingError, match="SINCE is 'yesterday'"):
        since("yesterday", 0)


ID = "0123456789abcdef0123456789abcdef"
TASK = "9b1d4c5e-0000-4000-8000-123456789abc"


class FakeStream:
    """A host that has these lines, as a reader would tell them."""

    def __init__(self, entries, asked):
        self._entries = [e for e in entries if not asked["needles"] or any(n in e[2] for n in asked["needles"])]

    def history(self):
        yield from self._entries

    def close(self):
        pass


def view(hosts):
    asked = {host: {"since": 0, "needles": []} for host in hosts}
    return View(list(hosts), asked, lambda host, what: FakeStream(hosts[host], what), print)


def test_hosts_are_one_in_the_order_of_time():
    found = view({"a": [(1, "x", "1"), (4, "x", "4")], "b": [(2, "y", "2"), (3, "y", "3")]}).history([])
    assert [(host, line) for _, host, _, line in found] == [("a", "1"), ("b", "2"), ("b", "3"), ("a", "4")]


def test_a_requests_story_has_the_tasks_that_it_started():
    hosts = {
        "web": [
            (1, "nginx-access", f"request_id={ID}"),
            (2, "garden-web", f"request={ID} sent"),
            (9, "nginx-access", "other"),
        ],
        "worker": [
            (3, "garden-worker", f"Task core.work[{TASK}] received"),
            (4, "garden-worker", f"request={ID} task={TASK} working"),
            (5, "garden-worker", f"Task core.work[{TASK}] succeeded"),
        ],
    }
    found, named = view(hosts).request(ID)
    assert [when for when, *_ in found] == [1, 2, 3, 4, 5]
    assert named == 3
    assert degraded(found, ID, named) == ""


def test_a_project_without_ids_is_told_what_is_missing():
    nginx = (1, "nginx-access", f"request_id={ID}")
    found, named = view({"web": [nginx, (2, "demo-web", "GET /")]}).request(ID)
    assert "only nginx names" in degraded(found, ID, named)
    found, named = view({"web": [nginx, (2, "demo-web", f"request={ID} GET /")]}).request(ID)
    assert "no task names" in degraded(found, ID, named)
    assert "no line has other" in degraded([], "other", 0)


@pytest.mark.parametrize("line", [f"task={TASK}", f'{{"task_id": "{TASK}"}}', f"Task a.b[{TASK}] received"])
def test_a_task_is_known_by_what_stands_around_its_id(line):
    assert tasks(line) == {TASK}


def test_a_line_names_its_host_where_there_are_several():
    entry = (1769860800.25, "web-1", "garden-web", "hello")
    assert shown(entry, 2, "") == f"2026-01-31 12:00:00.250  web-1  {'garden-web':24}  hello"
    assert shown(entry, 1, "").count("web-1") == 0
    assert '"time": "2026-01-31 12:00:00.250Z"' in shown(entry, 1, "json")
