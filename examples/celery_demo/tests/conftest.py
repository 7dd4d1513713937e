"""What the tests share: a directory of their own, and no service that the environment names."""

import os
import tempfile
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

_SERVICES = ("CELERY_BROKER_URL", "CELERY_BROKER_URL_FILE", "CELERY_RESULT_BACKEND")
# Before the settings are imported.
for _name in _SERVICES:
    os.environ.pop(_name, None)
_directory = tempfile.TemporaryDirectory()
os.environ["CELERY_DEMO_DIR"] = _directory.name

SETTINGS = Path(__file__).parents[1] / "celery_demo/settings.py"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., ModuleType]:
    """Return a function that loads the settings anew in an environment with these variables."""

    def load(**environment: str) -> ModuleType:
        for name, value in {"CELERY_DEMO_DIR": str(tmp_path / "var"), **environment}.items():
            monkeypatch.setenv(name, value)
        spec = spec_from_file_location("settings_under_test", SETTINGS)
        assert spec and spec.loader
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
