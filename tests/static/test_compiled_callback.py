"""What templates compile to is kept for the next task and run, and only where it is certain to mean the same."""

import pytest
from ansible._internal._templating import _jinja_bits
from ansible_mitogen import module_finder
from conftest import plugin
from jinja2 import Environment

compiled = plugin("callback/compiled")


@pytest.fixture
def environment(tmp_path):
    """Return a class of environments that keeps its templates, with `compiled` to look at and `state` to set."""

    class Counting(Environment):
        compiled: list = []
        state = "plain"

        def compile(self, source, *rest, **options):
            type(self).compiled.append(source)
            return super().compile(source, *rest, **options)

    Counting.compiled = []
    compiled.keep_templates(Counting, lambda: Counting.state, tmp_path)
    return Counting


def test_a_template_is_compiled_once_for_all_environments(environment):
    rendered = [environment().from_string("{{ a }} and {{ a }}").render(a=given) for given in ("one", "two")]
    assert rendered == ["one and one", "two and two"]
    assert environment.compiled == ["{{ a }} and {{ a }}"]


def test_another_syntax_is_another_template(environment):
    source = "{{ a }}[[ a ]]"
    assert environment().from_string(source).render(a=1) == "1[[ a ]]"
    other = environment(variable_start_string="[[", variable_end_string="]]")
    assert other.from_string(source).render(a=1) == "{{ a }}1"


def test_another_state_is_another_template(environment):
    environment().from_string("{{ a }}")
    environment.state = "backslashes are escaped"
    environment().from_string("{{ a }}")
    assert len(environment.compiled) == 2


def test_a_spoilt_file_is_compiled_anew(environment, tmp_path):
    environment().from_string("{{ a }}")
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:40])
    assert environment().from_string("{{ a }}").render(a=3) == "3"


def test_code_comes_from_a_directory_of_our_own_only(tmp_path):
    assert compiled.own_directory(tmp_path / "new")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    (tmp_path / "new").chmod(0o777)
    assert not compiled.own_directory(tmp_path / "new")
    (tmp_path / "file").write_text("")
    assert not compiled.own_directory(tmp_path / "file")


def test_the_locked_ansible_and_mitogen_have_these_places():
    """Else everything works, but a converged run takes a third longer."""
    assert _jinja_bits.AnsibleEnvironment.compile
    assert _jinja_bits._TemplateCompileContext.current(optional=True) is None
    assert "compile" in module_finder._scan_importlib_find_spec.__code__.co_names
