"""`bin/new-app` as an operator meets it: what it writes, what it refuses, and where it gets a source from."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile

import pytest
from ansible.module_utils.adopting import fetching
from ansible.module_utils.adopting.command import NewAppError, new_app
from ansible.module_utils.applications.questions import asked, question
from ansible.module_utils.release.source import SourceError
from conftest import ROOT, load
from source_samples import CLASSIC, UV
from test_new_app import write


@pytest.fixture
def project(tmp_path):
    """Return a project with the kit's inventories and two sources beside it."""
    shutil.copytree(ROOT / "inventories", tmp_path / "kit/inventories")
    write(tmp_path / "shop", CLASSIC)
    write(tmp_path / "till", UV)
    return tmp_path / "kit"


def test_it_writes_the_definition_and_the_labs_secrets(project):
    said = new_app("shop", "lab", "../shop", project)
    definition = load(project / "inventories/lab/apps/shop.yml")
    vault = load(project / "inventories/lab/group_vars/all/vault.yml")
    assert definition["app_source"] == {"path": "../shop"}
    for value in definition["app_secrets"].values():
        assert value.strip("{ }") in vault
    chars = "chars=['ascii_letters', 'digits']"
    assert f"lab_dir ~ '/secrets/shop_secret_key', length=64, {chars}" in vault["vault_shop_secret_key"]
    assert "vault.yml: added vault_shop_secret_key" in said


@pytest.mark.parametrize("environment", ["../own/lab", "{}/own/lab"], ids=["relative", "absolute"])
def test_an_environment_may_lie_beside_the_kit(project, environment):
    own = project.parent / "own/lab"
    shutil.copytree(project / "inventories/lab", own)
    said = new_app("shop", environment.format(project.parent), "../shop", project)
    assert load(own / "apps/shop.yml")["app_source"] == {"path": "../shop"}
    assert "own/lab/apps/shop.yml: written" in said
    assert "own/lab/group_vars/all/vault.yml: added vault_shop_secret_key" in said


def test_what_is_to_be_filled_in_is_told_at_once(project):
    said = new_app("till", "lab", "../till", project)
    assert "to be filled in: app_environment.SHOP_COUNTRY:" in said
    assert "add vault_till_stripe_api_key, which only you know" in said


def test_what_all_applications_need_to_stop_is_told(project):
    """Preflight would refuse it: a limit that fits the applications of before is soon too low for one more."""
    path = project / "inventories/lab/group_vars/all/main.yml"
    assert "raise supervisor_stop_timeout (9) above 1" in _with_limit(path, 9, project, "shop")
    assert "supervisor_stop_timeout" not in _with_limit(path, 90_000, project, "till")


def _with_limit(path, seconds, project, name):
    path.write_text(re.sub(r"(?m)^(supervisor_stop_timeout:).*", rf"\1 {seconds}", path.read_text()))
    return new_app(name, "lab", f"../{name}", project)


def limit_of(name, project):
    return load(project / f"inventories/lab/apps/{name}.yml")["app_database"]["connection_limit"]


def test_a_new_application_gets_a_limit_that_fits_beside_the_sample(project):
    said = new_app("shop", "lab", "../shop", project)
    assert limit_of("shop", project) <= 30
    assert "postgres_max_connections" not in said


def test_the_ports_of_further_instances_are_taken(project):
    definition = project / "inventories/lab/apps/garden.yml"
    definition.write_text(definition.read_text() + "app_redis: {further: [{name: pages, port: 6382}]}\n")
    new_app("shop", "lab", "../shop", project)
    redis = load(project / "inventories/lab/apps/shop.yml")["app_redis"]
    assert (redis["cache"]["port"], redis["state"]["port"]) == (6383, 6384)


def test_what_does_not_fit_any_more_is_told(project):
    """Preflight would refuse it; the file named is where it is raised."""
    definition = project / "inventories/lab/apps/garden.yml"
    definition.write_text(definition.read_text() + "app_database: {connection_limit: 80}\n")
    said = new_app("shop", "lab", "../shop", project)
    words = r"inventories/lab/group_vars/postgres/postgres.yml: postgres_max_connections is 100: .* make 1\d\d; raise"
    assert re.search(words, said)
    limits = project / "inventories/lab/group_vars/postgres/postgres.yml"
    limits.write_text(limits.read_text() + "postgres_max_connections: 200\n")
    assert "postgres_max_connections" not in new_app("till", "lab", "../till", project)


def test_an_encrypted_vault_is_left_alone(project):
    """Its names are told instead; preflight names them as well."""
    path = project / "inventories/production/group_vars/all/vault.yml"
    path.write_text("$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    said = new_app("shop", "production", "../shop", project)
    assert path.read_text() == "$ANSIBLE_VAULT;1.1;AES256\n6162\n"
    assert "vault.yml: add vault_shop_broker_password" not in said
    assert "vault.yml: add vault_shop_redis_password" in said


def test_a_file_that_is_there_is_not_overwritten(project):
    path = project / "inventories/lab/apps/shop.yml"
    path.write_text("mine\n")
    with pytest.raises(NewAppError, match="is there already"):
        new_app("shop", "lab", "../shop", project)
    assert path.read_text() == "mine\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("shop", "moon", "../shop"), "no environment 'moon'; there are: cluster, lab"),
        (("Shop", "lab", "../shop"), "no valid unix user"),
        (("postgres", "lab", "../shop"), "taken by the system"),
        (("shop", "lab", ""), "give SOURCE"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(project, arguments, words):
    with pytest.raises(NewAppError, match=words):
        new_app(*arguments, project)


def test_a_source_that_is_not_there_is_named(project):
    with pytest.raises(SourceError, match="is no directory"):
        new_app("shop", "lab", "../nowhere", project)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("../shop", {"path": "../shop"}),
        ("git+ssh://git@host/shop.git@v1.2", {"git": "ssh://git@host/shop.git", "version": "v1.2"}),
        ("git+ssh://git@host/shop.git", {"git": "ssh://git@host/shop.git"}),
        ("git+https://host/a@feature/x#subdirectory=b",
         {"git": "https://host/a", "version": "feature/x", "subdirectory": "b"}),
        ("pypi:someproject[all]==5.*", {"package": "someproject[all]==5.*"}),
    ],
)  # fmt: skip
def test_sources_are_told_apart(text, source):
    assert fetching.parse_source(text) == source


@pytest.mark.parametrize("text", ["git+ext::sh", "git+ssh://host/a@--upload-pack=x", "pypi:--index-url=x"])
def test_a_source_that_would_be_an_option_or_a_command_is_refused(text):
    with pytest.raises(SourceError):
        fetching.parse_source(text)


def test_a_tag_of_a_repository_is_read(project, tmp_path):
    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.test"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path / "shop", check=True, capture_output=True)

    git("init", "-q"), git("add", "-A"), git("commit", "-qm", "one"), git("tag", "v1")
    (tmp_path / "shop/later").touch()
    git("add", "-A"), git("commit", "-qm", "two")
    with fetching.fetched(f"git+file://{tmp_path}/shop@v1", project) as found:
        assert (found.root / "manage.py").is_file() and not (found.root / "later").exists()
    assert not found.root.exists()


def test_a_package_is_read_from_its_wheel(project, monkeypatch):
    def download(package, target):
        wheel = target / "jobs-1-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("jobs/celery.py", 'from celery import Celery\napp = Celery("jobs")\n')
            archive.writestr(
                "jobs-1.dist-info/METADATA", "Requires-Dist: redis; extra == 'all'\nRequires-Dist: x; extra == 'b'\n"
            )
        return wheel

    monkeypatch.setattr(fetching, "download", download)
    new_app("jobs", "lab", "pypi:jobs[all]==1", project)
    definition = load(project / "inventories/lab/apps/jobs.yml")
    assert definition["app_source"] == {"package": "jobs[all]==1"}
    assert (definition["app_celery"], definition["app_broker"]) == ("jobs", "redis")
    assert "app_requirements" not in definition


def test_a_question_is_told_from_a_value():
    assert asked(question("the domain")) == "the domain"
    assert [asked(value) for value in ("<b>", "Shop <a@b.test>", None, 1)] == [None] * 4
