"""A Django project in an older idiom, described by one file: Redis as broker and backend, names of its own."""

from __future__ import annotations

import pytest
from conftest import ROOT, load, plugin
from samples import filters, found, garden

DEFINITION = ROOT / "examples/classic/classic.yml"
SCENARIO = ROOT / "molecule/applications/inventory"
NEEDED = {"postgres", "redis", "web", "worker", "beat"}
release = plugin("filter/release")
supervisor = plugin("filter/supervisor")


@pytest.fixture
def classic() -> dict:
    """The definition as it is copied, but for the references to its secrets."""
    secrets = {name: f"Xq7!{name}-of-its-own-" + "x" * 40 for name in ("database", "redis", "django")}
    return load(DEFINITION) | {"app_secrets": secrets}


@pytest.fixture
def demo() -> dict:
    return load(ROOT / "inventories/lab/apps/celery_demo.yml") | {"app_secrets": {"broker": "Hq7!broker-of-its-own"}}


@pytest.fixture
def facts(facts) -> dict:
    return facts | {"project": str(ROOT)}


def test_it_stands_beside_the_two_others(classic, demo, facts):
    assert found(garden(app_source={"path": "app"}), facts, celery_demo=demo, classic=classic) == []


def test_the_scenario_lets_all_programs_end_one_after_the_other(classic, demo, facts):
    facts["stop_timeout"] = load(SCENARIO / "group_vars/all/test.yml")["supervisor_stop_timeout"]
    assert found(garden(app_source={"path": "app"}), facts, celery_demo=demo, classic=classic) == []


def test_alone_it_needs_no_rabbitmq(classic, facts):
    facts["groups"] = {group: hosts if group in NEEDED else [] for group, hosts in facts["groups"].items()}
    assert filters.application_problems({"classic": classic}, facts) == []


def test_its_secrets_are_made_for_the_scenario():
    referred = load(DEFINITION)["app_secrets"].values()
    names = {value.removeprefix("{{ ").removesuffix(" }}") for value in referred}
    assert names <= load(SCENARIO / "group_vars/all/vault.yml").keys()


def test_its_extra_process_is_a_program_of_its_own(classic):
    [app] = filters.complete_applications({"classic": classic})
    assert set(release.program_kinds(app, ["web", "worker", "beat", "flower"])) == {"web", "worker", "beat", "process"}
    [process] = supervisor.process_programs(app, "R", ["worker"])
    assert (process["name"], process["command"]) == (
        "classic-process-watch_inbox-R", ["python", "manage.py", "watch_inbox"],
    )  # fmt: skip


def test_it_reads_every_name_that_it_is_given():
    """Under its own names: a name that nothing reads would be a mistake in one of the two files. PG… are libpq's."""
    definition, settings = load(DEFINITION), (ROOT / "examples/classic/classic/settings.py").read_text()
    names = {*definition["app_environment_map"], *definition["app_environment"]} - {"DJANGO_SETTINGS_MODULE"}
    own = [name for name in sorted(names) if not name.startswith("PG")]
    assert [name for name in own if f'os.environ.get("{name}"' not in settings] == []
