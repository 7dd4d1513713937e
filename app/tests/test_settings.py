"""What production promises, and that the README names every variable."""

import ast
import json
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from production import APP, HOSTILE, PRODUCTION, QUOTED, run_python

from config.env import Env, email_config

STRONG = {**PRODUCTION, "SECRET_KEY": "".join(map(chr, range(35, 95)))}
SHOWN = "print(json.dumps([{}]))"


def production(*expressions: str, **environment: str) -> list:
    """Return what the expressions over the settings ``s`` give in production."""
    show = "import json; from django.conf import settings as s; " + SHOWN.format(", ".join(expressions))
    result = run_python("-c", show, **PRODUCTION, **environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_djangos_checks_for_deployment_find_nothing():
    result = run_python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **STRONG)
    assert (result.returncode, result.stdout) == (0, "System check identified no issues (1 silenced).\n")


def test_djangos_checks_see_a_weak_fallback_key():
    result = run_python("manage.py", "check", "--deploy", "--fail-level", "WARNING", SECRET_KEY_FALLBACKS="a", **STRONG)
    assert result.returncode == 1
    assert "SECRET_KEY_FALLBACKS[0]" in result.stderr


def test_cookies_and_transport_are_secure():
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "CSRF_COOKIE_HTTPONLY", "SECURE_SSL_REDIRECT")
    assert production(*(f"s.{name}" for name in names)) == [True] * 4
    hsts = ("s.SECURE_HSTS_SECONDS", "s.SECURE_HSTS_INCLUDE_SUBDOMAINS", "s.SECURE_HSTS_PRELOAD")
    assert production(*hsts) == [31_536_000, True, False]
    assert production(*hsts, SECURE_HSTS_SECONDS="0", SECURE_HSTS_INCLUDE_SUBDOMAINS="0") == [0, False, False]


def test_health_is_answered_without_tls_and_everything_else_redirected(client, settings):
    exempt = production("s.SECURE_REDIRECT_EXEMPT")[0]
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, exempt
    settings.SECURE_HSTS_SECONDS, settings.SECURE_PROXY_SSL_HEADER = 60, ("HTTP_X_FORWARDED_PROTO", "https")
    client.handler.load_middleware()
    assert client.get("/livez").status_code == 200
    assert client.get("/tasks/x/")["Location"] == "https://testserver/tasks/x/"
    behind_nginx = client.get("/tasks/x/", headers={"X-Forwarded-Proto": "https"})
    assert (behind_nginx.status_code, behind_nginx["Strict-Transport-Security"]) == (400, "max-age=60")


def test_what_an_earlier_key_signed_stays_valid():
    sign = "import django.core.signing as signing; print(signing.dumps('ann'))"
    signed = run_python("-c", sign, **{**PRODUCTION, "SECRET_KEY": "old"}).stdout.strip()
    read = f"import django.core.signing as signing; print(signing.loads({signed!r}))"
    assert run_python("-c", read, **PRODUCTION, SECRET_KEY_FALLBACKS="older, old").stdout == "ann\n"
    assert "BadSignature" in run_python("-c", read, **PRODUCTION).stderr


def test_mail_is_set_by_one_url():
    environment = {
        "EMAIL_URL": f"smtp+tls://garden:{QUOTED}@mail.test",
        "EMAIL_TIMEOUT": "3",
        "DEFAULT_FROM_EMAIL": "garden@garden.test",
        "ADMINS": "Ada <ada@garden.test>, bob@garden.test",
    }
    names = ("HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_TLS", "TIMEOUT")
    shown = production(*(f"s.EMAIL_{name}" for name in names), "s.SERVER_EMAIL", "s.ADMINS", **environment)
    assert shown == [
        "mail.test",
        587,
        "garden",
        HOSTILE,
        True,
        3,
        "garden@garden.test",
        [["Ada", "ada@garden.test"], ["bob@garden.test", "bob@garden.test"]],
    ]


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("smtp://localhost:25", "localhost", 25),
        ("smtp://mail.test", "mail.test", 25),
        ("smtp+ssl://mail.test", "mail.test", 465),
        ("consolemail://", "localhost", 0),
    ],
)
def test_a_mail_url_names_its_port_or_means_the_usual_one(url, host, port):
    config = email_config(url)
    assert (config["EMAIL_HOST"], config["EMAIL_PORT"]) == (host, port)
    assert config.get("EMAIL_USE_SSL", False) is url.startswith("smtp+ssl")
    assert (config["EMAIL_BACKEND"] == "core.mail.EmailBackend") is url.startswith("smtp")


def test_feedback_goes_to_addresses_only():
    assert production("s.FEEDBACK_TO", FEEDBACK_TO="Ada <ada@garden.test>, bob@garden.test") == [
        ["ada@garden.test", "bob@garden.test"]
    ]
    assert production("s.FEEDBACK_TO") == [[]]


def test_an_unknown_mail_scheme_is_refused_without_showing_its_password():
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as caught:
        email_config("pop3://u:verysecret@mail.test")
    assert "verysecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda env: env.whole("A_VALUE", 1), "-1"),
        (lambda env: env.whole("A_VALUE", 1), "²"),
        (lambda env: env.whole("A_VALUE", 1), "ten"),
        (lambda env: env.flag("A_VALUE", True), "yes"),
        (lambda env: env.choice("A_VALUE", ("json", "line"), "json"), "xml"),
        (lambda env: env.people("A_VALUE"), "ada@garden.test, nobody"),
    ],
)
def test_a_value_that_cannot_be_used_names_its_variable(monkeypatch, read, value):
    monkeypatch.setenv("A_VALUE", value)
    with pytest.raises(ImproperlyConfigured, match="A_VALUE"):
        read(Env())


def test_an_empty_value_counts_as_missing(monkeypatch):
    monkeypatch.setenv("A_VALUE", "")
    env = Env()
    assert env.text("A_VALUE", "x") == env.choice("A_VALUE", ("x",), "x") == "x"
    assert (env.whole("A_VALUE", 7), env.flag("A_VALUE", True), env.people("A_VALUE")) == (7, True, [])


def read_by(module: Path) -> set[str]:
    """The variables that a settings module reads: the first argument of each call on ``env``."""
    calls = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call))
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "env"
    }


def test_the_readme_lists_exactly_the_variables_that_the_settings_read():
    section = re.search(r"## Environment\n(.*?)\n## ", (APP / "README.md").read_text(), re.DOTALL)[1]
    documented = re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)
    modules = (APP / "config/settings").glob("*.py")
    assert sorted(documented) == sorted(set().union(*map(read_by, modules)))


def test_settings_read_the_environment_by_this_way_only():
    for module in (APP / "config/settings").glob("*.py"):
        assert not re.search(r"os\.(getenv|environ\[|environ\.get)", module.read_text()), module
