"""One host of each service: programs reach it directly, and two are refused."""

import json

import yaml
from growing import APP, DATA, GROWN, ONE, address, red, status
from scenario_host import run, shell


def test_programs_reach_the_database_itself():
    environment = shell("cat /etc/cloche/garden.env", host=APP)
    assert f"@{address(DATA[0])}:5432/" in environment


def test_nothing_is_red():
    assert red(status(ONE)) == []


def test_two_hosts_are_refused(tmp_path):
    """Of two the loss of either stops both, and the message says so; no host is looked at for it."""
    told = yaml.safe_load((GROWN / "hosts.yml").read_text())
    for service in ("postgres", "rabbitmq", "redis"):
        del told["all"]["children"][service]["hosts"][DATA[2]]
    (tmp_path / "hosts.yml").write_text(json.dumps(told))
    for name in ("group_vars", "apps"):
        (tmp_path / name).symlink_to((GROWN / name).resolve())
    refused = run("site", inventory=tmp_path)
    assert refused.returncode != 0
    said = refused.stdout + refused.stderr
    assert all(f"group {service}" in said for service in ("postgres", "rabbitmq", "redis"))
    assert "with 2 it survives the loss of none" in said
