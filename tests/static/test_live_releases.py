"""What an exchange of a secret releases again: what is live, whether its bundle is here or not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from conftest import plugin

live_releases = plugin("filter/rotation").live_releases
APPS = [{"name": "garden"}]


def status(bundle: str | None, previous: str | None = None, kind: str = "cp313-x86_64") -> dict[str, Any]:
    """Return as much of what a host says of its releases as an exchange reads."""
    made_of = {"id": bundle, "venvs": {kind: f"v-{kind}"}} if bundle else None
    return {"bundles": {"garden": made_of}, "previous": {"garden": previous}}


def test_what_is_live_is_released_again_with_or_without_its_bundle(tmp_path):
    hosts = {"w1": status("2-b", "1-a-111111"), "w2": status("2-b", "2-b-222222", "cp311-x86_64")}
    build = {"id": "2-b", "bundle": "", "venvs": {"cp313-x86_64": "v-cp313-x86_64", "cp311-x86_64": "v-cp311-x86_64"}}
    # Of the same bundle: an exchange that was interrupted has left it.
    previous = {"garden": {"w1": "1-a-111111"}}
    assert live_releases(APPS, hosts, str(tmp_path)) == {
        "builds": {"garden": build},
        "previous": previous,
        "faults": [],
    }
    for digits, venvs in [("000000", {"cp313-x86_64": "v-cp313-x86_64"}), ("ffffff", build["venvs"])]:
        (tmp_path / f"garden-2-b-{digits}.tar").touch()
        (tmp_path / f"garden-2-b-{digits}.json").write_text(json.dumps({"venvs": venvs}))
    bundle = live_releases(APPS, hosts, str(tmp_path))["builds"]["garden"]["bundle"]
    assert bundle == str(tmp_path / "garden-2-b-ffffff.tar"), "the other one has no wheels for w2"


@pytest.mark.parametrize("other", [None, "1-a"])
def test_what_is_not_live_in_one_version_is_not_moved(other, tmp_path):
    found = live_releases(APPS, {"w1": status("2-b"), "w2": status(other)}, str(tmp_path))
    assert found["faults"] == ["garden is not live, or not in one version everywhere: make deploy APP=garden"]
    assert found["builds"] == {}
