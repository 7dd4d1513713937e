"""An application goes with its certificate, in every form; the others serve on."""

from __future__ import annotations

import shutil

import pytest
from world import INVENTORY, STATE, WEB, requests, run, shell, status

SERVICES = ["nginx", "certbot"]


@pytest.fixture(scope="module")
def removal():
    first = next(iter(WEB))
    with requests(first, "fern.test") as answers:
        for app in ("moss", "reed"):
            done = run("remove_app", "-e", f"remove_application={app}", "-e", f"remove_confirmed={app}")
            assert done.returncode == 0, done.stdout[-3000:]
    return answers


@pytest.mark.parametrize("host_name", WEB)
def test_its_certificate_and_key_are_gone(host_name, removal):
    there = f"find /etc/letsencrypt /etc/cloche /etc/nginx {STATE} -path '*moss*' -o -path '*reed*'"
    assert shell(host_name, there) == ""
    assert f"{STATE}/fern" in shell(host_name, f"ls -d {STATE}/*")


def test_the_other_site_served_throughout(removal):
    assert len(removal) > 20
    assert {outcome for outcome, _ in removal} == {"HTTP/1.1 200 OK"}


def test_its_renewal_goes_on(removal, tmp_path):
    """Asked as after a removal: the files of what is gone are gone from the inventory."""
    described = shutil.copytree(INVENTORY, tmp_path / "inventory", symlinks=False)
    for app in ("moss", "reed"):
        (described / f"apps/{app}.yml").unlink()
    for host in WEB:
        shell(host, "systemctl start certbot.service")
    for found in status(described).values():
        assert [entry["level"] for entry in found] == ["ok"]
