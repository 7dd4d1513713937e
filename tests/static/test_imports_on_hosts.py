"""What modules import on a host is named in full: what mitogen sends along it finds by whole names only."""

import ast

import pytest
from ansible_mitogen.module_finder import scan
from conftest import ROOT, relative, tracked

UTILITIES = ROOT / "plugins/module_utils"


@pytest.mark.parametrize("module", tracked("plugins/modules/*.py"), ids=relative)
def test_a_module_and_what_it_imports_name_packages_in_full(module):
    sent = [path for _, path, _ in scan(module.stem, str(module), [str(UTILITIES)])]
    for path in [str(module), *sent]:
        with open(path, encoding="utf-8") as file:
            tree = ast.parse(file.read(), path)
        short = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
        assert not short, f"{path}: relative imports in lines {short}"
