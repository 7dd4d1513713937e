"""What the static tests share. They need no container, no network and no root."""

from __future__ import annotations

import importlib.util
import secrets
import subprocess
import sys
from collections import ChainMap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import ansible.module_utils
import pytest
import yaml
from ansible.parsing.dataloader import DataLoader

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"

sys.path.insert(0, str(Path(__file__).parent))
# The packages of tests/ and bench/.
sys.path += [str(ROOT / "tests"), str(ROOT / "bench")]
# As the filters find them on the controller, and Ansible's modules on a host.
ansible.module_utils.__path__.append(str(ROOT / "plugins" / "module_utils"))


def plugin(path: str) -> ModuleType:
    """Return a file of plugins/, named as ``filter/release``, loaded as Ansible loads it: by its place."""
    name = f"cloche_{path.replace('/', '_')}"
    spec = importlib.util.spec_from_file_location(name, ROOT / "plugins" / f"{path}.py")
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def load(path: Path) -> Any:
    """Return a YAML file's content; vault and other tags become plain strings."""
    return yaml.load(path.read_text(), Loader=_Loader)


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git tracks or would track (new, not ignored), by pathspec."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(path for name in names.split("\0") if name and (path := ROOT / name).is_file())


def relative(path: Path) -> str:
    """Return a path as a test's id shows it."""
    return str(path.relative_to(ROOT))


def tasks_of(block: Any) -> Iterator[dict[str, Any]]:
    """Yield the tasks of a list of tasks or plays, those in blocks and handlers included."""
    for entry in block or []:
        if "hosts" in entry or "block" in entry:
            for section in ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always"):
                yield from tasks_of(entry.get(section))
        elif "import_playbook" not in entry and "ansible.builtin.import_playbook" not in entry:
            yield entry


def task_files() -> list[Path]:
    """Return every file of tasks and handlers."""
    return tracked("roles/*/tasks/*.yml", "roles/*/handlers/*.yml", "playbooks/tasks/*.yml")


def playbooks() -> list[Path]:
    """Return the verbs."""
    return [path for path in tracked("playbooks/*.yml") if path.parent.name == "playbooks"]


def includes() -> list[dict[str, Any]]:
    """Return the arguments of every include_role and import_role of playbooks and roles: name, tasks_from, ..."""
    found = []
    for path in [*playbooks(), *task_files()]:
        for task in tasks_of(load(path)):
            found += [task[key] for key in task if key.endswith((".include_role", ".import_role"))]
    return found


def wiring() -> dict[str, Any]:
    """Return all that playbooks/group_vars/all derives, as templates."""
    paths = sorted((ROOT / "playbooks/group_vars/all").glob("wiring*.yml"))
    found = [DataLoader().load_from_file(str(path), trusted_as_template=True) for path in paths]
    return dict(ChainMap(*found))


class _Loader(yaml.CSafeLoader):
    pass


_Loader.add_multi_constructor("!", lambda loader, suffix, node: str(node.value))


@pytest.fixture
def secret() -> str:
    """Return a fresh secret with every character that ever broke a file format."""
    return "p% $#'\"\\:@/ ü" + secrets.token_urlsafe(12)


@pytest.fixture
def source(tmp_path):
    """Return a project with the sources that the sample definitions name."""
    for name in ("app", "orchard"):
        (tmp_path / name).mkdir()
        for file in ("requirements.txt", "manage.py"):
            (tmp_path / name / file).touch()
    return tmp_path


@pytest.fixture
def facts(source) -> dict[str, Any]:
    groups = ("postgres", "rabbitmq", "redis", "web", "worker", "beat", "flower")
    return {
        "project": str(source),
        "groups": {name: ["lab"] for name in groups},
        "secrets": {"operator_password": "Vd8#tR4mQz1pLs6w"},
        "placeholders": ["swordfish-swordfish"],
        "consumer_timeout": 7200,
        "visibility_timeout": 3600,
        "stop_timeout": 9000,
        "nginx_timeout_margin": 5,
        "max_connections": 100,
        "reserved_connections": 10,
        "cluster": {"secret": "", "unaddressed": [], "backup": "local", "between": []},
        "certificates": {"source": "pair", "directory": "https://acme.test/dir", "email": "", "terms_agreed": True},
    }
