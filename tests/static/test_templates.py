"""Every template, rendered as Ansible does it: with the role's defaults, and with values that people really enter."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from ansible._internal._datatag._tags import TrustedAsTemplate
from ansible.errors import AnsibleError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import filter_loader, init_plugin_loader
from ansible.template import Templar
from conftest import ROOT
from template_checks import supervisor
from template_examples import APP, EXAMPLES, HOSTILE, RELEASE

TEMPLATES = {f"{p.parts[-3]}/{p.name}": p for p in sorted((ROOT / "roles").glob("*/templates/*")) if p.is_file()}
DEBIAN = {"12": {"python": "3.11"}, "13": {"python": "3.13"}}


@pytest.fixture(scope="session", autouse=True)
def _plugins():
    init_plugin_loader()
    filter_loader.add_directory(str(ROOT / "plugins" / "filter"))


def variables_of(role: str, major: str) -> dict[str, Any]:
    """Return a role's defaults and variables, and what every host has."""
    variables = {
        "inventory_hostname": "lab",
        "inventory_hostname_short": "lab",
        "groups": {
            name: ["lab"] for name in ("all", "postgres", "rabbitmq", "redis", "web", "worker", "beat", "flower")
        },
        "group_names": ["postgres", "rabbitmq", "redis", "web", "worker", "beat", "flower"],
        "ansible_facts": {
            "distribution": "Debian",
            "distribution_major_version": major,
            "hostname": "lab",
            "fqdn": "lab.example.test",
            "architecture": "x86_64",
        },
        "role_path": str(ROOT / "roles" / role),
    }
    loader = DataLoader()
    files = [ROOT / "roles" / role / "defaults/main.yml", *sorted((ROOT / "roles" / role / "vars").rglob("*.yml"))]
    for path in (path for path in files if path.is_file()):
        variables |= loader.load_from_file(str(path), trusted_as_template=True) or {}
    return variables


def render(template: str, variables: dict[str, Any]) -> str:
    """Return a template's text; an undefined variable is an error, as on a host."""
    templar = Templar(loader=DataLoader(), variables=variables)
    call = f"{{{{ lookup('ansible.builtin.template', {str(TEMPLATES[template])!r}, convert_data=false) }}}}"
    return templar.template(TrustedAsTemplate().tag(call)) or ""


def render_expression(expression: str, variables: dict[str, Any]) -> Any:
    return Templar(loader=DataLoader(), variables=variables).template(TrustedAsTemplate().tag(expression))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_has_an_example(template):
    """A new template is proven before a host sees it: describe it in template_examples.py."""
    assert template in EXAMPLES


def test_every_example_has_its_template():
    """A renamed template must not leave its example behind."""
    assert EXAMPLES.keys() - TEMPLATES.keys() == set()


@pytest.mark.parametrize("major", DEBIAN)
@pytest.mark.parametrize("kind", ["given", "hostile"])
@pytest.mark.parametrize("template", sorted(EXAMPLES.keys() & TEMPLATES.keys()))
def test_a_template_renders(template, kind, major):
    """On both systems, with defaults and with hostile values, to something that its program can read."""
    example = EXAMPLES[template]
    own = example.given | (example.hostile if kind == "hostile" else {})
    text = render(template, variables_of(template.split("/")[0], major) | own)
    example.check(text, own)
    assert not any(line != line.rstrip() for line in text.splitlines()), "blanks at the end of a line"


@pytest.mark.parametrize(("evict", "policy", "log"), [(True, "allkeys-lru", "no"), (False, "noeviction", "yes")])
def test_a_redis_instance_for_data_of_any_kind_evicts_only_where_it_is_told(evict, policy, log):
    instance = {"name": "pages", "port": 6396, "memory_mb": 64, "uses": ["any"], "evict": evict}
    application = {"name": "garden"}
    text = render(
        "redis/instance.conf.j2",
        variables_of("redis", "13") | {"redis_instance": instance, "redis_application": application},
    )
    assert f"maxmemory-policy {policy}\n" in text
    assert f"appendonly {log}\n" in text


def test_an_undefined_variable_is_an_error():
    """Else a misspelt name would become an empty value in a configuration file."""
    with pytest.raises(AnsibleError, match=r"undefined|has no attribute 'id'"):
        render("release/run.j2", {"app": APP, "release": {"path": RELEASE["path"]}})


@pytest.mark.parametrize("argument", ["--format=%h %(name)s", HOSTILE, "100%", "a;b", "it's"])
def test_a_supervised_command_survives_expansion(argument):
    """supervisord expands each % and splits the command as a shell does; the process gets the argument as it was."""
    expression = "{{ 'p' | supervisor_program('user', command, '/var/log/p.log', 30) }}"
    text = render_expression(expression, {"command": ["/srv/run", "celery", argument]})
    supervisor(text, {})
    (line,) = [line for line in text.splitlines() if line.startswith("command=")]
    assert shlex.split(line.removeprefix("command=") % {}) == ["/srv/run", "celery", argument]


def test_files_of_roles_are_templates_only_where_they_are_rendered():
    """A file with expressions in files/ would be copied with them in it."""
    files = [path for path in (ROOT / "roles").glob("*/files/**/*") if path.is_file()]
    assert [str(path) for path in files if path.suffix == ".j2"] == []
