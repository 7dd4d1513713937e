"""Tests look at the environment as it is once it has grown; what begins with one host names that inventory itself."""

import os
from pathlib import Path

os.environ["MOLECULE_INVENTORY_FILE"] = str(Path(__file__).resolve().parents[1] / "grown/hosts.yml")
