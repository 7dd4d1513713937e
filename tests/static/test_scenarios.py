"""Scenarios: each has a role, each proves something, and none repeats the shared base."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest
from conftest import ROOT, relative

MOLECULE = ROOT / "molecule"
SCENARIOS = sorted(path.parent for path in MOLECULE.glob("*/molecule.yml") if path.parent.name != "_shared")
TESTS = sorted(MOLECULE.glob("*/tests/test_*.py"))
#: Scenarios of several roles together, or of none; every other one is a role's.
WHOLE = {
    "operating", "applications", "stack", "stack_plain", "staging", "celery_demo", "garden", "unlike", "cluster",
    "balanced", "drills", "growing", "failover",
}  # fmt: skip
MAX_LINES = 8


def scenario_id(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("scenario", SCENARIOS, ids=scenario_id)
def test_a_scenario_mirrors_a_role(scenario):
    """A renamed role must not leave a scenario behind that tests nothing."""
    role = scenario.name.removesuffix("_custom").removesuffix("_bookworm")
    assert role in WHOLE or (ROOT / "roles" / role / "tasks").is_dir()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=scenario_id)
def test_a_scenario_has_tests(scenario):
    """The verifier passes an empty folder."""
    tests = [path for path in scenario.glob("tests/test_*.py") if functions(path)]
    assert tests, f"{relative(scenario)}/tests holds no test function"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=scenario_id)
def test_a_scenario_states_only_what_differs(scenario):
    """The rest is in .config/molecule/config.yml, once."""
    lines = [line for line in (scenario / "molecule.yml").read_text().splitlines() if line.strip() not in {"", "---"}]
    assert len(lines) <= MAX_LINES


@pytest.mark.parametrize("path", sorted({*TESTS, *(ROOT / "tests").rglob("test_*.py")}), ids=relative)
def test_every_test_asserts(path):
    """A test that asserts nothing is green whatever happens. Helpers that assert are followed within the file."""
    tree = ast.parse(path.read_text())
    helpers = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and asserts(node, set())}
    # Imported helpers called check_... and assert_... are there to assert.
    idle = [node.name for node in functions(path) if not asserts(node, helpers)]
    assert idle == []


def functions(path: Path) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def asserts(function: ast.FunctionDef, helpers: set[str]) -> bool:
    """Return whether a function asserts something that could fail, itself or through one of the helpers."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in {"pytest.raises", "pytest.fail"} or name in helpers:
                return True
            if name.split(".")[-1].startswith(("assert_", "check_", "wait_until")):
                return True
            # Playwright's: expect(locator).to_have_text(...) raises AssertionError.
            if name.startswith("expect("):
                return True
    return False


SECRET = re.compile(r"(?m)^(vault_\w+):")


@pytest.mark.parametrize("scenario", [path for path in SCENARIOS if (path / "inventory").is_dir()], ids=scenario_id)
def test_a_scenario_makes_every_secret_that_its_inventory_names(scenario):
    """It takes the lab's variables, and a secret that is added there is missed only when the scenario runs."""
    inside = [
        Path(folder, name) for folder, _, names in os.walk(scenario / "inventory", followlinks=True) for name in names
    ]
    texts = [re.sub(r"(?m)#.*$", "", path.read_text()) for path in inside if path.suffix == ".yml"]
    made = {name for text in texts for name in SECRET.findall(text)}
    named = {name for text in texts for name in re.findall(r"vault_\w+", text)}
    assert named - made == set()
