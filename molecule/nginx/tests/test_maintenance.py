"""A site in maintenance: `rest` of converge.yml, beside others that are not."""

import json
import time

import pytest

SERVICES = ["nginx"]

REST = "https://rest.garden.test"
RAN = "/tmp/answer-of-a-request-in-flight"


@pytest.fixture
def application(host, echo):
    """The application that both rest and garden show when they show it."""
    unit = echo("/srv/garden/run/1.sock")
    host.check_output("ln -sfn /srv/garden/run/1.sock /srv/garden/web.sock")
    return unit


@pytest.mark.parametrize("path", ["/", "/deep/er?a=b", "/ready.z/more", "/readyxz", "/.env", "/rabbitmq/", "/static/a"])
@pytest.mark.parametrize("options", [(), ("--data", "a=b"), ("-X", "DELETE")], ids=["GET", "POST", "DELETE"])
def test_everything_is_503_with_a_page(fetch, application, path, options):
    answer = fetch(REST + path, *options)
    assert answer.status == 503
    assert answer.headers["content-type"] == ["text/html"]
    assert "<h1>Under maintenance</h1>" in answer.body
    assert answer.headers["retry-after"] == ["300"]
    assert answer.headers["cache-control"] == ["no-store"]
    assert answer.headers["x-content-type-options"] == ["nosniff"]


@pytest.mark.parametrize("accepted", ["application/json", "application/problem+json, */*"])
def test_a_client_of_json_gets_json(fetch, accepted):
    answer = fetch(f"{REST}/api/", "-H", f"Accept: {accepted}", "--data", "{}")
    assert answer.status == 503
    assert answer.headers["content-type"] == ["application/json"]
    assert answer.headers["retry-after"] == ["300"]
    assert json.loads(answer.body)["error"] == "maintenance"


def test_a_browser_that_also_takes_json_gets_the_page(fetch):
    assert "<h1>" in fetch(REST, "-H", "Accept: text/html,application/json;q=0.9").body


@pytest.mark.parametrize(("client", "status"), [("127.0.0.2", 200), ("127.1.2.3", 200), ("127.2.0.1", 503)])
def test_named_clients_see_the_application(fetch, application, client, status):
    assert fetch(f"{REST}/", "--interface", client).status == status


def test_what_a_client_claims_to_be_does_not_let_it_in(fetch, application):
    assert fetch(f"{REST}/", "-H", "X-Forwarded-For: 127.0.0.2").status == 503


def test_a_named_client_gets_the_applications_own_503(fetch, application):
    answer = fetch(f"{REST}/status/503", "--interface", "127.0.0.2")
    assert (answer.status, answer.seen["path"]) == (503, "/status/503")


def test_the_health_path_is_open_to_all_exactly(fetch, application):
    assert fetch(f"{REST}/ready.z?full=1").seen["path"] == "/ready.z?full=1"


@pytest.mark.parametrize("name", ["_maintenance.html", "_maintenance.json"])
def test_the_page_itself_cannot_be_asked_for(fetch, name):
    assert fetch(f"{REST}/{name}").status == 404


def test_other_sites_serve(fetch, application):
    assert fetch("https://garden.test/").status == 200


def test_it_outlives_a_restart(host, fetch, application):
    host.check_output("systemctl restart nginx")
    assert fetch(f"{REST}/").status == 503


def test_a_removed_application_leaves_no_maintenance_behind(host):
    """Else it would come back into it."""
    assert host.check_output("ls -A /etc/nginx/maintenance.d").split() == ["rest.clients", "rest.conf"]


@pytest.fixture
def switch(host):
    """Turn garden's maintenance on and off as the role does it, with the files it wrote for rest."""

    def run(on: bool) -> None:
        for name in ("clients", "conf") if on else ("conf", "clients"):
            path = f"/etc/nginx/maintenance.d/garden.{name}"
            source = f"/etc/nginx/maintenance.d/rest.{name}"
            host.check_output(f"sed 's/_rest/_garden/g' {source} > {path}" if on else f"rm -f {path}")
        host.check_output("nginx -t -q && systemctl reload nginx")

    yield run
    run(False)


def test_requests_in_flight_end_normally(host, fetch, application, switch):
    ask = f"curl -skS -m 15 --connect-to ::127.0.0.1: -w '%{{http_code}}' https://garden.test/sleep/4 > {RAN}"
    host.check_output(f'rm -f {RAN}; systemd-run --quiet --collect sh -c "{ask}"')
    time.sleep(0.5)
    switch(True)
    until_status(fetch, 503)
    assert host.file(RAN).size == 0
    deadline = time.monotonic() + 10
    while not host.file(RAN).content_string.endswith("200"):
        assert time.monotonic() < deadline, host.file(RAN).content_string
        time.sleep(0.2)
    switch(False)
    until_status(fetch, 200)


def until_status(fetch, status: int) -> None:
    """A reload has been asked for, not done, when systemctl returns."""
    deadline = time.monotonic() + 3
    while fetch("https://garden.test/").status != status:
        assert time.monotonic() < deadline
        time.sleep(0.1)
