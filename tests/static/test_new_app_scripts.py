"""What a project's own compose files, Procfile and entrypoint say of its workers and commands."""

from __future__ import annotations

import pytest
from ansible.module_utils.adopting import scripts
from ansible.module_utils.adopting.tree import Tree

ENTRYPOINT = """#!/bin/bash
# python manage.py shiver
python manage.py wait_for_db
python manage.py migrate || die "no"
python manage.py seed --country 'New Zealand' || die "no"
python manage.py compile_themes
python manage.py collectstatic --no-input
exec "$@"
"""


@pytest.fixture
def tree(tmp_path):
    def make(**files):
        for name, text in files.items():
            (tmp_path / name.replace("__", ".")).write_text(text)
        return Tree(tmp_path)

    return make


def test_queues_come_from_how_workers_are_started(tree):
    started = scripts.workers(tree(Procfile="worker: celery -A shop worker -l info --pool=threads -c 20 -Q a,b\n"))
    assert (started.queues, started.options) == (["a", "b"], {"concurrency": "20", "pool": "threads"})
    assert started.place == "Procfile"


def test_the_sizes_of_several_workers_are_nobody_s(tree):
    lines = "one: celery -A s worker -c 8 -Q a\ntwo: celery -A s worker --queues=b,a\n"
    started = scripts.workers(tree(Procfile=lines))
    assert (started.queues, started.options) == (["a", "b"], {})


@pytest.mark.parametrize("name", ["docker-compose__dev__yml", "local__yml"])
def test_what_runs_on_a_laptop_says_nothing(tree, name):
    assert scripts.workers(tree(**{name: "command: celery -A s worker -Q a\n"})).queues == []


def test_an_entrypoint_s_commands_become_hooks(tree):
    """But those that the kit does itself; what writes into the source runs before it is closed."""
    found, notes = scripts.hooks(tree(entrypoint__sh=ENTRYPOINT), "manage.py")
    assert not notes
    assert found.value == {
        "prepare": ["python manage.py compile_themes"],
        "after_migrate": ["python manage.py seed --country 'New Zealand'"],
    }
    assert found.reason.startswith("entrypoint.sh")


def test_an_entrypoint_without_migrations_says_nothing(tree):
    assert scripts.hooks(tree(entrypoint__sh="python manage.py seed\n"), "manage.py") == (None, [])


CONDITIONS = """#!/bin/bash
if [[ "$MIGRATE" == "True" ]]; then
    python3 manage.py migrate && python3 manage.py seed-countries
fi
if [ -n "$IMAGES" ];
then
    python3 manage.py download-images
fi
[ -z "$SKIP" ] && python manage.py count_stock
python3 manage.py set-site-url
"""


def test_a_command_under_a_condition_is_told_of_and_not_taken(tree):
    """Names with hyphens are whole, and migrate counts wherever it stands."""
    found, notes = scripts.hooks(tree(entrypoint__sh=CONDITIONS), "manage.py")
    assert found.value == {"after_migrate": ["python manage.py set-site-url"]}
    assert [note.partition("`")[2].partition("`")[0] for note in notes] == [
        "python manage.py seed-countries", "python manage.py download-images", "python manage.py count_stock",
    ]  # fmt: skip
    assert "app_hooks.after_migrate" in notes[1] and '-n "$IMAGES"' in notes[1]


def test_what_a_container_is_started_as_is_no_condition(tree):
    script = 'if [ "$1" = "gunicorn" ]; then\n  python manage.py migrate\n  python manage.py seed\nfi\nexec "$@"\n'
    found, notes = scripts.hooks(tree(entrypoint__sh=script), "manage.py")
    assert (found.value, notes) == ({"after_migrate": ["python manage.py seed"]}, [])


def test_what_a_deployment_keeps_running_becomes_a_process(tree, tmp_path):
    (tmp_path / "etc/s6-rc.d/svc-mail").mkdir(parents=True)
    (tmp_path / "etc/s6-rc.d/svc-mail/run").write_text("exec s6-setuidgid shop python3 manage.py consume-mail\n")
    (tmp_path / "etc/s6-rc.d/init-db").mkdir()
    (tmp_path / "etc/s6-rc.d/init-db/run").write_text("python3 manage.py migrate\n")
    procfile = "web: python manage.py serve\nrelease: python manage.py seed\nticker: python manage.py tick --every 5\n"
    found = scripts.processes(tree(Procfile=procfile), "src/manage.py")
    assert found.value == [
        {"name": "ticker", "command": "python src/manage.py tick --every 5"},
        {"name": "consume_mail", "command": "python src/manage.py consume-mail"},
    ]
    assert scripts.processes(Tree(tmp_path / "etc/s6-rc.d/init-db"), "manage.py") is None
