"""`make new-app`: what a release of the source is to be built from."""

from __future__ import annotations

import pytest
from source_samples import SHAPES, django
from test_new_app import guess, write


@pytest.mark.parametrize(
    ("shape", "file"),
    [("poetry", "poetry.lock"), ("uv", "uv.lock"), ("setup.cfg", "setup.cfg"), ("src", "requirements.txt")],
)
def test_a_release_is_built_from_what_the_project_has(source, shape, file):
    definition, _ = guess(write(source / "shop", SHAPES[shape]).parent)
    assert definition["app_requirements"] == file


def test_metadata_of_tools_alone_lists_nothing_to_install(source):
    """Many a project keeps only its linter's settings there."""
    tools = {"pyproject.toml": "[tool.ruff]\nline-length = 100\n", "setup.py": "raise SystemExit('a source was run')\n"}
    files = {name: text for name, text in SHAPES["no celery"].items() if name != "requirements.txt"}
    write(source / "shop", files | tools)
    definition, text = guess(source)
    assert definition["app_requirements"] == "<fill in: a requirements file or a lock in the source>"
    assert "# From setup.py would have to be run to tell" in text


@pytest.mark.parametrize(
    ("code", "more", "wanted"),
    [
        ('from importlib.metadata import version\nV = version("my-shop")\n', "", True),
        ('from importlib.metadata import version\nV = version("django")\n', "", None),
        ("", '[project.entry-points."shop.themes"]\nplain = "shop:plain"\n', True),
    ],
)
def test_a_project_that_asks_for_its_own_package_gets_it_installed(source, code, more, wanted):
    described = {
        "pyproject.toml": f'[project]\nname = "my-shop"\ndependencies = ["django"]\n{more}',
        "shop/about.py": code,
    }
    write(source / "shop", SHAPES["no celery"] | described)
    assert guess(source)[0].get("app_install") is wanted


def test_requirements_somewhere_below_are_found(source):
    """The file that asks for most, where none stands in a usual place; nothing of developers, nothing hidden."""
    settings = {"shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n'}
    below = {
        "dependencies/pip/requirements.txt": "django\ncelery\n",
        "dependencies/pip/dev-requirements.txt": "a\nb\nc\n",
        "requirements/plugin-requirements.txt": "one\n",
        ".ci/requirements.txt": "a\nb\nc\nd\n",
    }
    write(source / "shop", django(**settings, **below))
    assert guess(source)[0]["app_requirements"] == "dependencies/pip/requirements.txt"


@pytest.mark.parametrize(
    ("more", "asgi", "wanted"),
    [
        ("", False, ["gunicorn"]),
        ("gunicorn==23.0\n", False, None),
        ("granian\nuvicorn\n", True, ["uvicorn-worker"]),
        ("uvicorn-worker\nchannels\n", True, ["websockets"]),
        ("uvicorn[standard]\nuvicorn-worker\nchannels\n", True, None),
    ],
)
def test_what_web_processes_run_is_asked_for_where_the_project_has_another_server(source, more, asgi, wanted):
    files = {"shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n', "requirements.txt": f"django\npsycopg\n{more}"}
    if asgi:
        files["shop/asgi.py"] = "application = make()\n"
    write(source / "shop", django(**files))
    assert guess(source)[0].get("app_further_requirements") == wanted
