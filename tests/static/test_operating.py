"""The verbs that look into hosts: where they go, over which connection, and what they never show."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from ansible.module_utils.operating import everyday
from ansible.module_utils.operating.environment import Environment, OperatingError, chosen
from ansible.module_utils.operating.log_sources import program_pattern, since, sources
from ansible.module_utils.operating.log_view import View, shown, tasks
from ansible.module_utils.operating.logs import degraded
from ansible.module_utils.operating.reach import reaching
from conftest import DATA, ROOT, load
from test_preflight_cli import SECRETS, write_inventory

SSH = {
    "ansible_connection": "ssh",
    "ansible_host": "192.0.2.7",
    "ansible_port": 2222,
    "ansible_user": "ops",
    "ansible_ssh_private_key_file": "/keys/id",
    "ansible_ssh_common_args": "-o UserKnownHostsFile=/keys/known",
}


@pytest.fixture(scope="module")
def inventory(tmp_path_factory):
    return write_inventory(tmp_path_factory.mktemp("inventory"), {"garden": load(DATA / "garden.yml")})


@pytest.fixture(scope="module")
def environment(inventory):
    return Environment(str(inventory), ROOT)


# --- how a host is reached ------------------------------------------------------------------------------------------


def test_a_container_is_reached_by_the_engine(environment):
    command = reaching("server", environment.variables("server") | {"ansible_become": False}, ["df", "-h"])
    assert command == ["docker", "exec", "--interactive", "server", "df", "-h"]


def test_a_server_is_reached_as_ansible_reaches_it():
    command = reaching("web-1", SSH, ["echo", "a b"], tty=False)
    assert command[0] == "ssh"
    assert command[-2:] == ["192.0.2.7", "sudo --non-interactive -- echo 'a b'"]
    text = " ".join(command)
    for part in (
        "-p 2222",
        "-l ops",
        "-i /keys/id",
        "UserKnownHostsFile=/keys/known",
        "BatchMode=yes",
        "ControlPersist",
    ):
        assert part in text


def test_a_person_has_a_terminal_and_may_type_sudos_password():
    command = reaching("web-1", SSH, ["psql"], tty=True)
    assert "-t" in command
    assert "BatchMode=yes" not in command
    assert command[-1] == "sudo -- psql"


def test_another_connection_is_named():
    with pytest.raises(OperatingError, match="'winrm'; this verb knows ssh, docker and local"):
        reaching("x", {"ansible_connection": "winrm"}, ["true"])


# --- where a verb belongs -------------------------------------------------------------------------------------------


def test_manage_runs_in_the_live_release_with_its_words_apart(environment):
    call = everyday.manage(environment, "", "", "shell -c 'print(1)'")
    assert (call.host, call.root) == ("server", True)
    assert call.argv[3:] == ["garden", "python", "manage.py", "shell", "-c", "print(1)"]


def test_psql_has_the_applications_rights_and_its_words_on_standard_input(environment):
    call = everyday.psql(environment, "", "", "select 'secret'", False)
    assert "PGOPTIONS=-c role=garden" in call.argv
    assert "--dbname=garden" in call.argv
    assert "--set=ON_ERROR_STOP=1" in call.argv
    assert call.given == "select 'secret'"
    assert "secret" not in " ".join(call.argv) + repr(call)


def test_no_command_line_has_a_secret(environment):
    calls = [
        everyday.shell(environment, "garden", "", True),
        everyday.manage(environment, "garden", "", "check"),
        everyday.psql(environment, "garden", "", "", True),
        everyday.flower(environment, "garden", ""),
        everyday.ssh(environment, "", ""),
    ]
    text = " ".join(" ".join(reaching(c.host, environment.variables(c.host), c.argv, c.root)) for c in calls)
    assert not [name for name, value in SECRETS.items() if value in text]


@pytest.mark.parametrize("name", ["other", ""])
def test_who_is_meant_has_to_be_said(name):
    with pytest.raises(OperatingError, match="there are garden, orchard"):
        chosen("APP", name, ["garden", "orchard"])


def test_a_verb_that_cannot_begin_ends_with_2_and_says_why(inventory):
    command = [sys.executable, ROOT / "bin/on", inventory, "ssh", "--host", "nope"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert (done.returncode, done.stderr) == (2, "ssh: HOST is 'nope': there are server\n")


# --- logs -----------------------------------------------------------------------------------------------------------

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
