"""From an application's definition, through the wiring, to what nginx and gunicorn read."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from conftest import ROOT, wiring
from samples import DELETE, filters, garden
from test_templates import _plugins, render, render_expression, variables_of  # noqa: F401

sys.path.append(str(ROOT / "tests/compose"))

import nginx_conf

WIRING = wiring()
RELEASE = {"id": "1-a", "path": "/srv/garden/releases/1-a"}


def complete(**changes: Any) -> dict[str, Any]:
    return filters.complete_applications({"garden": garden(**changes)})[0]


def site(given: dict[str, Any] | None = None, /, **changes: Any) -> dict[str, str]:
    """Return the directives of the sample's site, its definition changed: block and name -> value."""
    variables = WIRING | variables_of("nginx", "13") | (given or {})
    variables |= {"app": complete(**changes), "nginx_application": WIRING["__wired_nginx_application"]}
    files = {
        "nginx.conf": render("nginx/site.conf.j2", variables),
        "snippets/application-files.conf": render("nginx/application-files.conf.j2", variables),
    }
    return nginx_conf.settings("".join(f"# configuration file /etc/nginx/{n}:\n{t}" for n, t in files.items()))


def location(found: dict[str, str], match: str) -> dict[str, str]:
    """Return the directives of one location: name -> value."""
    start = f"server https / location {match} / "
    return {name.removeprefix(start): value for name, value in found.items() if name.startswith(start)}


@pytest.mark.parametrize("path", ["/import", "/import/"])
def test_a_path_and_all_below_it_have_their_own_limits(path):
    found = site(app_locations=[{"path": path, "body_limit": "200m"}])
    assert location(found, "= /import") == location(found, "^~ /import/")
    usual = {f"proxy_{name}": "65s" for name in ("read_timeout", "send_timeout", "next_upstream_timeout")}
    assert location(found, "= /import") == usual | {"client_max_body_size": "200m", "proxy_pass": "http://app_garden"}
    assert location(found, "/") == usual | {"proxy_pass": "http://app_garden"}
    assert found["server https / client_max_body_size"] == "10m"


def test_a_websocket_may_be_idle_as_long_as_its_path_says():
    changes = {"app_wsgi": DELETE, "app_asgi": "config.asgi:application"}
    found = site(app_locations=[{"path": "/ws/", "timeout": 3600, "buffering": False}], **changes)
    for match in ("= /ws", "^~ /ws/"):
        inside = location(found, match)
        assert {inside[f"proxy_{name}"] for name in ("read_timeout", "send_timeout")} == {"3600s"}
        assert inside["proxy_buffering"] == "off"
    assert location(found, "/")["proxy_read_timeout"] == "65s"


def test_files_come_from_the_shared_directory_and_are_never_run():
    found = location(site(app_locations=[{"path": "/media", "files": "media", "expires": "30d"}]), "^~ /media/")
    assert found["alias"] == "/srv/garden/shared/media/"
    assert found["expires"] == "30d"
    assert found["disable_symlinks"] == "if_not_owner from=/srv/garden/shared"
    assert "default-src 'none'" in found["add_header Content-Security-Policy"]
    # Whatever the application said of its own answer, which X-Accel-Redirect drops.
    assert found["add_header X-Content-Type-Options"] == "X-Content-Type-Options nosniff always"
    assert "internal" not in found
    assert "proxy_pass" not in found


def test_internal_files_are_marked_so():
    found = site(app_locations=[{"path": "/reports", "files": "media/reports", "internal": True}])
    assert "internal" in location(found, "^~ /reports/")


def test_static_files_are_where_the_project_expects_them():
    found = site(app_web__static_url="/assets/v1.2/")
    assert r"location ^~ /assets/v1.2/ / location ~ ^/assets/v1\.2/(?<asset>.+)$ / try_files" in " ".join(found)
    assert not [name for name in found if "/static/" in name]


def test_an_application_may_bring_a_certificate():
    default = site()
    assert default["server https / ssl_certificate"] == "/etc/nginx/tls/certificate.pem"
    own = site(app_certificate={"certificate": "/etc/ssl/own.pem", "key": "/etc/ssl/own.key"})
    assert own["server https / ssl_certificate"] == "/etc/ssl/own.pem"
    assert own["server https / ssl_certificate_key"] == "/etc/ssl/own.key"


def test_status_looks_at_every_certificate():
    own = {"certificate": "/etc/ssl/own.pem", "key": "/etc/ssl/own.key"}
    variables = WIRING | {
        "__wired_applications": [complete(), complete(app_certificate=own)],
        "__wired_nginx_defaults": {"nginx_certificate_path": "/etc/nginx/tls/certificate.pem"},
        "__wired_balancer_defaults": {"balancer_certificate_path": "/etc/haproxy/tls/certificate.pem"},
        "groups": {"balancer": []},
        "group_names": ["web"],
    }

    def paths(**given: Any) -> list[str]:
        return [entry["path"] for entry in render_expression("{{ __wired_status_certificates }}", variables | given)]

    assert paths() == ["/etc/nginx/tls/certificate.pem", "/etc/ssl/own.pem"]
    behind = {"groups": {"balancer": ["b1"]}}
    assert paths(**behind) == []
    assert paths(**behind, group_names=["balancer"]) == ["/etc/haproxy/tls/certificate.pem", "/etc/ssl/own.pem"]


def test_behind_balancers_a_web_host_shows_a_pair_of_its_own():
    """Browsers never see it, and a site's own key is not brought there."""
    text = {"app_certificate": {"certificate_content": "c", "key_content": "k"}}
    given = {"nginx_host_pair": True, "groups": {"balancer": ["b1"], "flower": []}, "inventory_hostname": "w1"}
    found = site(given, **text)
    assert found["server https / ssl_certificate"] == "/etc/nginx/tls/host.pem"
    assert found["server https / ssl_certificate_key"] == "/etc/nginx/tls/host.key"
    wired = WIRING | given | {"app": complete(**text)}
    assert render_expression("{{ __wired_nginx_application.certificate_key_content }}", wired) == ""


def test_a_certificate_by_acme_is_where_the_tool_keeps_it():
    """By the application's own word, or by the environment's for those that say nothing."""
    for changes, source in [({"app_certificate": {"acme": True}}, "pair"), ({}, "acme")]:
        found = site({"certificates_source": source}, **changes)
        served = "/var/lib/cloche/certificates/garden/serving"
        assert found["server https / ssl_certificate"] == f"{served}/fullchain.pem"
        assert found["server https / ssl_certificate_key"] == f"{served}/privkey.pem"


def test_all_domains_reach_nginx_and_django():
    """Django's wildcard is a leading dot in the one setting, and `*.` in the other."""
    domains = ["garden.test", "www.orchard.test", "*.shop.test"]
    assert site(app_domains=domains)["server https / server_name"] == " ".join(domains)
    variables = WIRING | {"app": complete(app_domains=domains), "release": RELEASE, "public_https_port": 8443}
    environment = render_expression("{{ __wired_environment }}", variables)
    assert environment["ALLOWED_HOSTS"] == "garden.test,www.orchard.test,.shop.test"
    assert environment["CSRF_TRUSTED_ORIGINS"].split(",")[-1] == "https://*.shop.test:8443"


@pytest.mark.parametrize(
    ("domains", "host"),
    [
        (["a.test", "b.test"], "a.test"),
        (["*.a.test", "b.test"], "b.test"),
        (["*.a.test"], "www.a.test"),
        ([], "localhost"),
    ],
)
def test_a_release_is_asked_by_a_name_that_a_host_can_have(domains, host):
    variables = variables_of("release", "13") | {"road": {"app": {"domains": domains}}}
    assert render_expression("{{ __release_host }}", variables) == host


GEVENT = "gunicorn.workers.ggevent.GeventWorker"
ASGI = {"app_wsgi": DELETE, "app_asgi": "config.asgi:application"}


@pytest.mark.parametrize(
    ("changes", "worker_class", "preload"),
    [
        ({}, "sync", True),
        (ASGI, "uvicorn_worker.UvicornWorker", True),
        (ASGI | {"app_web__worker_class": "asgi"}, "asgi", True),
        ({"app_web__worker_class": "gthread", "app_web__preload": False}, "gthread", False),
        ({"app_web__worker_class": "gevent"}, "gevent", False),
        ({"app_web__worker_class": GEVENT}, GEVENT, False),
        ({"app_web__worker_class": "geventwebsocket.gunicorn.workers.W"}, "geventwebsocket.gunicorn.workers.W", False),
        ({"app_web__worker_class": "shop.gevent.Worker"}, "shop.gevent.Worker", True),
    ],
)
def test_gunicorn_gets_its_class_and_never_loads_what_is_patched_later(changes, worker_class, preload):
    variables = variables_of("django", "13") | {"app": complete(**changes), "release": RELEASE}
    configuration: dict[str, Any] = {}
    exec(render("django/gunicorn.conf.py.j2", variables), configuration)
    assert configuration["worker_class"] == worker_class
    assert configuration.get("preload_app", False) is preload
    assert ("pre_fork" in configuration) is preload
