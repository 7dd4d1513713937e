"""One more name: refused before a host is touched where it leads elsewhere, else it gets into the certificate."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from world import INVENTORY, PROJECT, WEB, changed, names, raised, requests, run, shell, shown, trust

SERVICES = ["nginx", "certbot"]


@pytest.fixture
def inventory(tmp_path):
    """Return a function that makes an inventory in which fern has these domains."""

    def make(*domains: str):
        copy = tmp_path / "inventory"
        shutil.copytree(INVENTORY, copy, symlinks=False, dirs_exist_ok=True)
        path = copy / "apps/fern.yml"
        text = re.sub(r"^app_domains: .*$", f"app_domains: {json.dumps(domains)}", path.read_text(), flags=re.MULTILINE)
        path.write_text(text)
        return copy

    return make


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("elsewhere.test", "does not lead to 198.18.63.11, 198.18.63.12: correct its record"),
        ("nowhere.test", "does not resolve: add a record that leads to 198.18.63.11, 198.18.63.12"),
        ("*.fern.test", "no challenge over HTTP proves a wildcard"),
    ],
)
def test_a_name_that_could_not_be_proved_is_refused_before_a_host_is_touched(inventory, domain, words):
    refused = run("site", inventory=inventory("fern.test", "www.fern.test", domain))
    assert refused.returncode != 0
    assert domain in refused.stdout
    assert words in refused.stdout
    assert changed(refused.stdout) == []


def test_a_site_may_be_set_up_before_its_name_leads_here(inventory):
    """As before it moves from another host: it shows what stands in, and status is red and says why."""
    copy = inventory("fern.test", "www.fern.test")
    shutil.copy(PROJECT / "molecule/certificates/late/weed.yml", copy / "apps")
    told = ("-e", "certificates_check=false", "-e", "certificates_required=false")
    result = run("site", *told, inventory=copy)
    assert result.returncode == 0, result.stdout[-3000:]
    for host in WEB:
        assert names(shown(host, "nowhere.test")) == {"nowhere.test"}
        words = raised(host, copy)
        assert list(words) == ["weed"]
        assert words["weed"].startswith("only stands in: ")
        assert "nowhere.test" in words["weed"]
    removed = run("remove_app", "-e", "remove_application=weed", "-e", "remove_confirmed=weed", inventory=copy)
    assert removed.returncode == 0, removed.stdout[-3000:]


@pytest.mark.parametrize("further", [["late.test"], []])
def test_a_name_gets_into_the_certificate_and_out_while_requests_go_on(further, inventory):
    """One that leads elsewhere one day must not hold up the renewal of the others."""
    first, domains = next(iter(WEB)), ["fern.test", "www.fern.test", *further]
    with requests(first, "fern.test") as answers:
        result = run("site", inventory=inventory(*domains))
    assert result.returncode == 0, result.stdout[-3000:]
    assert {outcome for outcome, _ in answers} == {"HTTP/1.1 200 OK"}
    for host in WEB:
        shell(host, "sleep 1")
        assert names(shown(host, domains[-1], trust(host))) == set(domains)
