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
    found = scripts.hooks(tree(entrypoint__sh=ENTRYPOINT), "manage.py")
    assert found.value == {
        "prepare": ["python manage.py compile_themes"],
        "after_migrate": ["python manage.py seed --country 'New Zealand'"],
    }
    assert found.reason.startswith("entrypoint.sh")


def test_an_entrypoint_without_migrations_says_nothing(tree):
    assert scripts.hooks(tree(entrypoint__sh="python manage.py seed\n"), "manage.py") is None
