"""A file of managed_files gets its content from one source: as told, from a template, or from a role's files."""

from __future__ import annotations

import action_samples
import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.template import trust_as_template
from conftest import plugin

action = plugin("action/managed_files")


@pytest.fixture
def written(tmp_path):
    """Return what the module is told to write for these files, looked up in a role that has one of each kind."""
    for name, text in {
        "templates/a.j2": "{% if on %}\nlisten {{ port }}\n{% endif %}\n    {% if not on %}x{% endif %}end\n",
        "templates/part.j2": "[{{ name }}]\n{% include 'a.j2' %}",
        "templates/escape.j2": r"a\nb {{ 'c\\d' }}" + "\n",
        "files/raw.conf": "{{ not a template }}\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def call(*files, directories=None, **variables):
        given = []
        arguments = {"files": list(files)} | ({"directories": directories} if directories else {})
        result = action_samples.call(
            action, lambda arguments: given.append(arguments) or {"changed": True}, arguments, variables, tmp_path
        )
        assert result == {"changed": True}
        return given[0]

    return call


def content(arguments):
    return [entry["content"] for entry in arguments["files"]]


def test_content_is_taken_as_it_is(written):
    assert written({"path": "/x", "content": "{{ raw }}\n"})["files"] == [{"path": "/x", "content": "{{ raw }}\n"}]
    assert content(written({"path": "/x", "content": ""})) == [""]


def test_a_template_is_rendered_with_the_task_s_variables_as_the_template_action_does(written):
    """A block alone on its line leaves no line, and one that is indented keeps what stands before it."""
    assert content(written({"path": "/x", "template": "a.j2"}, on=True, port=80)) == ["listen 80\n    end\n"]
    assert content(written({"path": "/x", "template": "a.j2"}, on=False, port=80)) == ["    xend\n"]


def test_a_template_includes_its_neighbours(written):
    found = written({"path": "/x", "template": "part.j2"}, on=True, port=80, name="garden")
    assert content(found) == ["[garden]\nlisten 80\n    end"]


def test_backslashes_are_left_alone(written):
    assert content(written({"path": "/x", "template": "escape.j2"})) == ["a\\nb c\\d\n"]


def test_what_a_variable_holds_is_text_and_no_template(written):
    """A password may look like one."""
    found = written({"path": "/x", "template": "part.j2"}, on=True, port="{{ 1 + 1 }}", name="n")
    assert content(found) == ["[n]\nlisten {{ 1 + 1 }}\n    end"]
    found = written({"path": "/x", "template": "part.j2"}, on=True, port=trust_as_template("{{ 1 + 1 }}"), name="n")
    assert content(found) == ["[n]\nlisten 2\n    end"]


def test_a_file_of_the_role_is_no_template(written):
    assert content(written({"path": "/x", "src": "raw.conf"})) == ["{{ not a template }}\n"]


def test_the_rest_of_an_entry_reaches_the_module_untouched(written):
    rest = {"path": "/x", "mode": "0600", "owner": "garden", "validate": "true %s"}
    found = written(rest | {"src": "raw.conf"}, rest | {"content": "a"}, directories=[{"path": "/d"}])
    assert found == {
        "files": [rest | {"content": "{{ not a template }}\n"}, rest | {"content": "a"}],
        "directories": [{"path": "/d"}],
    }


@pytest.mark.parametrize("files", [{}, {"files": None}, {"files": []}])
def test_a_task_may_have_directories_only(files):
    given = []
    action_samples.call(
        action, lambda arguments: given.append(arguments) or {}, files | {"directories": [{"path": "/d"}]}
    )
    assert given == [{"files": [], "directories": [{"path": "/d"}]}]


@pytest.mark.parametrize(
    ("sources", "words"),
    [
        ({}, "give one of content, template, src, not none"),
        ({"content": "a", "src": "raw.conf"}, r"not \['content', 'src'\]"),
        ({"template": "a.j2", "src": "raw.conf"}, r"not \['template', 'src'\]"),
        ({"content": "", "template": "a.j2"}, r"not \['content', 'template'\]"),
    ],
)
def test_a_file_with_no_source_or_two_is_refused_by_its_path(written, sources, words):
    with pytest.raises(AnsibleActionFail, match=f"/etc/x: .*{words}"):
        written({"path": "/etc/fine", "content": "a"}, {"path": "/etc/x"} | sources)


@pytest.mark.parametrize("source", [{"template": "none.j2"}, {"src": "none.conf"}, {"src": "a.j2"}])
def test_a_source_that_is_missing_is_named(written, source):
    with pytest.raises(AnsibleError, match=next(iter(source.values()))):
        written({"path": "/x"} | source)


def test_a_variable_that_is_missing_is_named(written):
    with pytest.raises(AnsibleError, match="'port' is undefined"):
        written({"path": "/x", "template": "a.j2"}, on=True)
