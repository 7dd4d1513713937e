"""Preflight as an operator meets it: bad input ends the run with variable, value and remedy, and no host is touched.

The cases share runs, because each start of Ansible costs a second.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import DATA, ROOT, load

SECRETS = {
    "vault_operator_password": "Vd8#tR4mQz1pLs6w",
    "vault_garden_database_password": "p% $#'\"\\:@/ ü-Qm3vT8",
    "vault_garden_broker_password": "kT4!pQ9aZx81Wv3c",
    "vault_garden_redis_password": "Lm2&yU7bNq55Xr0d",
    "vault_garden_secret_key": "Hj6*eG1sPw93Kf8z",
    "vault_garden_sentry_dsn": "https://1a2b3c4d@sentry.invalid/7",
}
GROUPS = ("postgres", "rabbitmq", "redis", "web", "worker", "beat", "flower")
SECOND_PLAY = "PLAY [Look at the hosts]"


def write_inventory(directory: Path, apps: dict, *, groups=GROUPS, host=None, secrets=SECRETS, ports=()) -> Path:
    """Write an inventory of one host, `server`, that is never to be reached."""
    host = {"ansible_connection": "docker", "container": {"ports": list(ports)}} if host is None else host
    files = {
        "hosts.yml": {"all": {"hosts": {"server": host}, "children": {g: {"hosts": {"server": None}} for g in groups}}},
        "group_vars/all/vault.yml": secrets,
        "group_vars/all/main.yml": {
            "operator_password": "{{ vault_operator_password }}",
            "supervisor_stop_timeout": 3600,
            "rabbitmq_consumer_timeout": 7200,
        },
        **{f"apps/{stem}.yml": definition for stem, definition in apps.items()},
    }
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True))
    return directory


def play(verb: str, inventory: Path, *arguments: str, callback: str = "ansible.builtin.default"):
    """Run a playbook as its verb does, with no engine within reach."""
    environment = os.environ | {
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_STDOUT_CALLBACK": callback,
        "ANSIBLE_NOCOLOR": "1",
        "DOCKER_HOST": "unix:///nonexistent/engine.sock",
    }
    environment.pop("ANSIBLE_VAULT_PASSWORD_FILE", None)
    playbook = Path(sys.executable).with_name("ansible-playbook")
    command = [playbook, f"playbooks/{verb}.yml", "-i", inventory, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def preflight(inventory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the playbook as `make preflight` does."""
    return play("preflight", inventory, *arguments)


def refused(run: subprocess.CompletedProcess[str]) -> str:
    """Return the output of a run that failed before the play for the hosts began."""
    output = run.stdout + run.stderr
    assert run.returncode != 0, output
    assert SECOND_PLAY not in output, output
    assert not re.search(r"^server\s+:", output, re.MULTILINE), output
    return output


@pytest.fixture(scope="module")
def many_mistakes(tmp_path_factory):
    """Return the output for an inventory with most of what people get wrong, and a port that we hold ourselves."""
    garden = load(DATA / "garden.yml")
    spoilt = garden | {
        "app_werkers": [],
        "app_source": {"path": "nowhere"},
        "app_queues": ["default", "slow", "mail", "bulk"],
        "app_workers": [
            {"name": "slow", "queues": ["default", "mail"], "time_limit": 300},
            {"name": "slow", "queues": ["slow"], "time_limit": 99999},
        ],
        "app_secret_environment": {"SENTRY_DSN": "{{ vault_nobody_defined_it }}"},
    }
    other = {"app_name": "Orch-ard", "app_source": {"path": "app"}, "app_redis": {"cache": {"port": "x"}}}
    secrets = SECRETS | {
        "vault_operator_password": "changeme",
        "vault_garden_broker_password": "kT4!pQ9aZx81-7v",
        "vault_garden_redis_password": "<put the password here>",
    }
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        inventory = write_inventory(
            tmp_path_factory.mktemp("mistakes"),
            {"garden": spoilt, "Orch-ard": other},
            groups=("worker", "beat", "flower"),
            secrets=secrets,
            ports=[f"127.0.0.1:{port}:443"],
        )
        return refused(preflight(inventory)).replace(str(port), "PORT")


@pytest.mark.parametrize(
    "line",
    [
        "apps/garden.yml app_werkers = []: unknown key; did you mean app_workers?",
        "apps/garden.yml app_source.path = nowhere: no such directory on the controller",
        "apps/garden.yml app_secret_environment.SENTRY_DSN = (undefined): 'vault_nobody_defined_it' is undefined",
        "apps/Orch-ard.yml app_name = Orch-ard: no valid unix user",
        "apps/Orch-ard.yml app_redis.cache.port = x: must be a whole number",
        "group postgres = (no host): add a host to the group postgres in hosts.yml",
        "group rabbitmq = (no host): add a host",
        "group redis = (no host): add a host",
        "group web = (no host): add a host",
        "operator_password = (8 characters): left as a placeholder",
        "apps/garden.yml app_secrets.broker = (15 characters): shorter than 16 characters",
        "apps/garden.yml app_secrets.redis = (23 characters): left as a placeholder",
        "container of server = docker: the container engine doesn't answer",
        "container.ports of server = 127.0.0.1:PORT:443: in use on the controller by a process of this machine",
    ],
)
def test_each_mistake_has_its_line(many_mistakes, line):
    assert line in many_mistakes


def test_no_secret_is_printed(many_mistakes):
    """Not the good ones either."""
    for secret in [*SECRETS.values(), "changeme", "kT4!pQ9aZx81-7v", "put the password here"]:
        assert secret not in many_mistakes


def test_mistakes_between_keys_have_their_lines(tmp_path):
    """These are only judged where the keys themselves are right."""
    garden = load(DATA / "garden.yml") | {
        "app_queues": ["default", "slow", "mail", "bulk"],
        "app_workers": [
            {"name": "slow", "queues": ["default", "mail"], "time_limit": 300},
            {"name": "slow", "queues": ["slow"], "time_limit": 99999},
        ],
    }
    output = refused(preflight(write_inventory(tmp_path, {"garden": garden}, host={"ansible_connection": "ssh"})))
    assert "apps/garden.yml app_workers = slow: two of one name; rename one" in output
    assert "apps/garden.yml app_queues = bulk: no worker serves it: add it to the queues of one of app_work" in output
    assert "app_workers[slow].time_limit = 99999: lower it below rabbitmq_consumer_timeout (7200 s)" in output


def test_an_unreadable_vault_names_the_file_and_the_remedy(tmp_path):
    """Ansible alone says 'no vault secrets found', and leaves the reader to find out where."""
    inventory = write_inventory(tmp_path, {}, host={})
    vault = inventory / "group_vars/all/vault.yml"
    password = tmp_path / "password"
    password.write_text("Vd8#tR4mQz1pLs6w")
    encrypt = [Path(sys.executable).with_name("ansible-vault"), "encrypt", "--vault-password-file", password, vault]
    subprocess.run(encrypt, check=True, capture_output=True, timeout=30)
    output = refused(preflight(inventory))
    assert f"{vault} is encrypted and cannot be read: give the right password with --vault-password-file FILE" in output


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("garden.yml", "app_name: garden\n app_celery: config\n", r"apps/garden\.yml:2:"),
        ("garden.yml", "- app_name: garden\n", r"apps/garden\.yml:1: expected a mapping of app_\* keys, found a list"),
        ("garden.yaml", "app_name: garden\n", r"apps/garden\.yaml: not read; an application is a file apps/<app_n"),
    ],
    ids=["syntax", "list", "extension"],
)
def test_a_file_that_is_no_definition_is_named_with_its_line(tmp_path, file, content, message):
    inventory = write_inventory(tmp_path, {}, host={})
    (inventory / "apps").mkdir()
    (inventory / "apps" / file).write_text(content)
    assert re.search(message, refused(preflight(inventory)))


def test_a_sound_inventory_passes_on_to_the_hosts(tmp_path):
    """Its only host is this machine, and no disk is so large: what a host lacks is said in the same form."""
    host = {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": sys.executable}
    inventory = write_inventory(tmp_path, {"garden": load(DATA / "garden.yml")}, host=host)
    run = preflight(
        inventory / "hosts.yml", "-e", "preflight_disk_free_mb=999999999", "-e", "preflight_show_timeouts=true"
    )
    assert SECOND_PLAY in run.stdout, run.stdout + run.stderr
    assert re.search(r"host server: free MiB on / = \d+: free some space: at least 999999999 MiB", run.stdout)
    assert "garden: worker slow: supervisor waits for it to stop: 930 s" in run.stdout
    assert re.search(r"^localhost .*failed=0", run.stdout, re.MULTILINE)
    assert re.search(r"^server .*changed=0 .*failed=1", run.stdout, re.MULTILINE)
