"""The server itself: TLS, redirects, unknown hosts, its process and files, its validation."""

import time

import pytest

SERVICES = ["nginx"]


def test_http_leads_to_https(fetch):
    answer = fetch("http://garden.test/leaf/?a=b%20c")
    assert answer.status == 301
    assert answer.headers["location"] == ["https://garden.test/leaf/?a=b%20c"]


@pytest.mark.parametrize(("version", "accepted"), [("tls1_1", False), ("tls1_2", True), ("tls1_3", True)])
def test_tls_versions(host, version, accepted):
    """@SECLEVEL=0, or the client would refuse the old version by itself."""
    ciphers = "" if version == "tls1_3" else "-cipher DEFAULT:@SECLEVEL=0"
    result = host.run(f"echo | openssl s_client -connect 127.0.0.1:443 -servername garden.test -{version} {ciphers}")
    assert ("BEGIN CERTIFICATE" in result.stdout) is accepted, result.stderr
    assert accepted or "alert protocol version" in result.stderr


def test_cipher_without_forward_secrecy_is_refused(host):
    result = host.run(
        "echo | openssl s_client -connect 127.0.0.1:443 -servername garden.test -tls1_2 -cipher AES256-GCM-SHA384"
    )
    assert "BEGIN CERTIFICATE" not in result.stdout
    assert "handshake failure" in result.stderr


@pytest.mark.parametrize(("site", "name"), [("www.garden.test", "garden.test"), ("orchard.test", "orchard.test")])
def test_an_application_shows_its_own_certificate(host, site, name):
    """orchard brings one, garden has that of the server."""
    ask = f"echo | openssl s_client -connect 127.0.0.1:443 -servername {site}"
    shown = host.run(f"{ask} | openssl x509 -noout -subject")
    assert shown.stdout.split("=")[-1].strip() == name, shown.stderr


def test_speaks_http2(host):
    command = (
        "curl -sk --http2 -o /dev/null -w %{http_version} --connect-to ::127.0.0.1: https://garden.test/robots.txt"
    )
    assert host.check_output(command) == "2"


@pytest.mark.parametrize("url", ["https://unknown.test/", "https://127.0.0.1/", "http://unknown.test/"])
def test_unknown_host_gets_no_answer(fetch, url):
    assert fetch(url).status == 0


def test_foreign_host_header_on_a_known_connection_is_misdirected(fetch):
    assert fetch("https://garden.test/", "-H", "Host: unknown.test").status == 421


def test_removed_site_is_gone_and_left_the_others(host, fetch):
    """converge.yml added `weed`, saw it answered for, and removed it."""
    assert host.file("/etc/nginx/weed-was-removed").exists
    assert fetch("http://weed.garden.test/").status == 0
    assert fetch("http://garden.test/").status == 301
    assert fetch("http://orchard.test/").status == 301


def test_broken_file_is_caught_before_it_lands(host, fetch, write):
    """converge.yml tried a broken site; here the same with the checker alone, on a shared location."""
    write("/tmp/broken.conf", "location /broken { proxy_pas http://127.0.0.1; }")
    result = host.run("nginx-candidate locations.d/broken.conf /tmp/broken.conf")
    assert result.rc != 0
    assert 'unknown directive "proxy_pas"' in result.stderr
    assert not host.file("/etc/nginx/locations.d/broken.conf").exists
    assert "proxy_pas " not in host.file("/etc/nginx/sites-enabled/garden.conf").content_string
    assert host.run("ls -d /tmp/tmp.*").stdout == ""


def test_running_server_survives_a_broken_tree(host, fetch, write):
    """Whoever edits by hand and reloads is told so, and visitors notice nothing."""
    write("/etc/nginx/locations.d/broken.conf", "location /broken { proxy_pas http://127.0.0.1; }")
    try:
        assert host.run("systemctl reload nginx").rc != 0
        assert fetch("https://garden.test/robots.txt").status == 200
    finally:
        host.check_output("rm /etc/nginx/locations.d/broken.conf && systemctl reload nginx")


def test_killed_server_comes_back(host, fetch):
    host.check_output("kill -9 %s", host.check_output("cat /run/nginx.pid"))
    deadline = time.monotonic() + 15
    while fetch("https://garden.test/robots.txt").status != 200:
        assert time.monotonic() < deadline, host.check_output("journalctl --no-pager -n 20 -u nginx")
        time.sleep(0.3)


def test_workers_are_unprivileged(host):
    """Of the sites' server and of the operators'."""
    users = host.check_output("ps -C nginx -o user=").split()
    assert sorted(set(users)) == ["root", "www-data"]
    assert users.count("root") == 2


@pytest.mark.parametrize(
    ("path", "group", "mode"),
    [
        ("/etc/nginx/tls/key.pem", "root", 0o600),
        ("/etc/nginx/tls/certificate.pem", "root", 0o644),
        ("/etc/nginx/operators.htpasswd", "www-data", 0o640),
        ("/etc/nginx/second-operators.htpasswd", "www-data", 0o640),
        # During an exchange it holds an operator's password.
        ("/etc/nginx/operators.conf", "root", 0o600),
    ],
)
def test_secrets_are_private(host, path, group, mode):
    file = host.file(path)
    assert (file.user, file.group, file.mode) == ("root", group, mode)


def test_version_is_not_told(fetch):
    assert fetch("https://garden.test/robots.txt").headers["server"] == ["nginx"]


def test_log_carries_times_and_request_id_and_is_rotated(host, fetch):
    """After a rotation new requests go to the new file: the workers have opened it themselves."""
    host.check_output("logrotate -f /etc/logrotate.d/nginx")
    time.sleep(1)
    answer = fetch("https://garden.test/robots.txt?rotated")
    line = host.check_output("grep rotated /var/log/nginx/access.log")
    assert f"request_id={answer.headers['x-request-id'][0]} " in line
    assert " request_time=0." in line
    assert "upstream_time=" in line
    modes = host.check_output(
        "stat -c %a /var/log/nginx/access.log /var/log/nginx/access.log.1 /var/log/nginx/error.log"
    )
    assert set(modes.split()) == {"640"}
