"""`app_environment_map` gives a project what the kit wires, under the project's own names and in its own shapes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml
from ansible.module_utils.applications.facts import FACTS, OF_RELEASE, InvalidTemplate, fields, filled
from ansible.module_utils.applications.mapping import mapping_rules
from conftest import ROOT, plugin, wiring
from samples import filters, garden

STATE = {"state": {"host": "10.0.0.3", "port": 6381, "password": "a/b@c d"}}


def test_facts_stand_where_the_template_names_them():
    assert filled("redis://{state.host}:{state.port}/1", STATE) == "redis://10.0.0.3:6381/1"


def test_a_password_in_a_url_of_ones_own_is_quoted_on_demand():
    """Else its slash would end the part of the URL that it stands in."""
    assert filled("{state.password}", STATE) == "a/b@c d"
    assert filled("redis://:{state.password:quoted}@h", STATE) == "redis://:a%2Fb%40c%20d@h"


def test_doubled_braces_are_braces():
    assert filled('{{"host": "{state.host}"}}', STATE) == '{"host": "10.0.0.3"}'


@pytest.mark.parametrize(
    "template", ["{state}", "{state.host.real}", "{0}", "{state.__class__}", "{state.host!r}", "{"]
)
def test_nothing_but_a_fact_is_evaluated(template):
    with pytest.raises(InvalidTemplate):
        fields(template)


def test_the_wiring_knows_every_fact():
    wired = wiring()["__wired_facts"]
    written = {part: set(facts) for part, facts in wired.items() if isinstance(facts, dict)}
    assert set(wired) == set(FACTS) - {OF_RELEASE} | {"redis"}
    assert all(facts == set(FACTS[part]) for part, facts in written.items())
    assert set(wiring()["__wired_files"]) == set(FACTS[OF_RELEASE])


PLAY = """
- hosts: lab
  connection: local
  gather_facts: false
  vars_files: [definition.json]
  tasks:
    - ansible.builtin.copy:
        content: "{{ __wired_secret_environment | to_json }}"
        dest: "{{ playbook_dir }}/result"
        mode: "0600"
"""


def environment(definition: dict, folder) -> dict[str, str]:
    """Return what the lab's wiring makes of a definition."""
    [app] = plugin("filter/rotation").rotated(filters.complete_applications({"garden": definition}), {}, 14)
    (folder / "definition.json").write_text(json.dumps({"app": app}))
    (folder / "group_vars").symlink_to(ROOT / "playbooks/group_vars")
    (folder / "play.yml").write_text(PLAY)
    command = ["ansible-playbook", "-i", "inventories/lab", folder / "play.yml", "-e", "ansible_become=false"]
    command += ["-e", "ansible_connection=local", "-e", f"ansible_python_interpreter={sys.executable}"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads((folder / "result").read_text())


def test_an_application_gets_its_own_names_beside_the_kits(tmp_path):
    """Every fact, for RabbitMQ as the broker."""
    parts = {part: facts for part, facts in FACTS.items() if part != OF_RELEASE}
    names = {f"{part}_{fact}".upper(): f"{{{part}.{fact}}}" for part, facts in parts.items() for fact in facts}
    found = environment(garden(app_environment_map=names), tmp_path)
    port = yaml.safe_load((ROOT / "inventories/lab/group_vars/all/main.yml").read_text())["public_https_port"]
    assert found["DATABASE_URL"].startswith("postgres://garden:")
    assert (found["DATABASE_HOST"], found["DATABASE_PORT"], found["DATABASE_NAME"]) == ("127.0.0.1", "5432", "garden")
    assert found["BROKER_URL"] == found["CELERY_BROKER_URL"]
    assert (found["BROKER_PORT"], found["BROKER_VHOST"]) == ("5672", "garden")
    assert (found["CACHE_PORT"], found["STATE_PORT"], found["STATE_DB"]) == ("6380", "6381", "0")
    assert found["DJANGO_SECRET_KEY"] == found["SECRET_KEY"]
    assert found["SITE_URL"] == f"https://garden.test:{port}"
    assert set(names) <= set(found)


def test_with_redis_as_the_broker_the_same_names_lead_there(tmp_path):
    names = {"CELERY_BROKER": "{broker.url}", "REDIS_BROKER_PORT": "{broker.port}", "VHOST": "{broker.vhost}"}
    names |= {"LAYERS": "{redis.layers.url}", "LAYERS_PORT": "{redis.layers.port}"}
    further = {"further": [{"name": "layers", "port": 6391}]}
    found = environment(garden(app_broker="redis", app_redis=further, app_environment_map=names), tmp_path)
    assert found["LAYERS"] == found["CACHE_URL"].replace("6380", "6391") and found["LAYERS_PORT"] == "6391"
    assert found["CELERY_BROKER"].startswith("redis://garden:")
    assert (found["REDIS_BROKER_PORT"], found["VHOST"]) == ("6381", "0")


def test_what_belongs_to_a_release_stands_with_it():
    """The private file outlives releases: a directory of one of them would be wrong there after the next."""
    module = plugin("filter/environment")
    templates = {"SHOP_STATIC": "{files.static}", "SHOP_DB": "{database.host}"}
    assert module.mapped_files(templates, {"static": "/srv/s/releases/1/static"}) == {
        "SHOP_STATIC": "/srv/s/releases/1/static"
    }
    assert module.mapped_environment(templates, {"database": {"host": "h"}}) == {"SHOP_DB": "h"}


def test_one_template_is_of_a_release_or_of_an_application():
    definition = {"environment_map": {"A": "{files.media}:{site.domain}"}, "environment": {}, "secret_environment": {}}
    [problem] = mapping_rules(definition | {"redis": {"further": []}, "broker": "redis", "secrets": {}, "celery": ""})
    assert "can't hold both" in problem["remedy"]
