"""Secrets of a Django project: what shows, sends or weakens them."""

from __future__ import annotations

import re

from .case import Case, listed
from .rule import ADVISES, DJANGO, LOSES, RISKS, rule

_SETTINGS = f"{DJANGO}settings/#"
#: Characters, and different ones among them, below which a key can be guessed.
_KEY_LENGTH, _KEY_DISTINCT = 32, 5
_WEAK_HASHERS = ("MD5", "SHA1", "Crypt")
_LOCAL = ("localhost", "127.0.0.1", "::1", "")
_NEW_KEY = "# for the vault: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"


@rule(
    "DEBUG",
    LOSES,
    lost="secrets: every error page shows settings and variables to whoever met it; and memory, by each query",
    when="any visitor meets an error, or asks for a page that is not there",
    instead="False, whatever the environment says",
    source=f"{_SETTINGS}debug",
)
def debug(case: Case) -> tuple[str, str] | None:
    return (case.set_to("DEBUG"), case.django_snippet("DEBUG = False")) if case.settings["DEBUG"] else None


@rule(
    "SECRET_KEY",
    LOSES,
    lost="sessions and password resets: whoever guesses the key can make them",
    when="it is short, or Django's example key of a new project",
    instead="50 random characters, from the environment",
    source=f"{_SETTINGS}secret-key",
)
def secret_key(case: Case) -> tuple[str, str] | None:
    key = case.django["secret_key"]
    if key["length"] >= _KEY_LENGTH and key["distinct"] >= _KEY_DISTINCT and not key["generated"]:
        return None
    kind = "made by startproject" if key["generated"] else f"{key['length']} characters, {key['distinct']} different"
    return kind, case.django_snippet(f'import os\nSECRET_KEY = os.environ["SECRET_KEY"]\n{_NEW_KEY}')


@rule(
    "written_secrets",
    LOSES,
    lost="the secret: everybody who has the source has it, and every copy of the repository",
    when="always; changing it means another release",
    instead="a variable of the environment: app_secret_environment, from the vault. This one is no secret any more",
    source="https://docs.djangoproject.com/en/stable/howto/deployment/checklist/#secret-key",
)
def written(case: Case) -> tuple[str, str] | None:
    if not case.written_secrets:
        return None
    value = listed(f"{entry['name']} in {entry['file']}" for entry in case.written_secrets)
    name = case.written_secrets[0]["name"]
    variable = "_".join(re.findall(r"\w+", name)).upper()
    return value, case.django_snippet(f'import os\n{name} = os.environ["{variable}"]')


def _cookie(case: Case, name: str) -> tuple[str, str] | None:
    if not case.serves or case.settings[name]:
        return None
    return case.set_to(name), case.django_snippet(f"{name} = True")


def _has_sessions(case: Case) -> bool:
    return any(name.endswith(".SessionMiddleware") for name in case.settings["MIDDLEWARE"])


@rule(
    "SESSION_COOKIE_SECURE",
    RISKS,
    lost="a visitor's session: the cookie goes over the wire as it is",
    when="a browser asks by http:// first, before nginx sends it to https://",
    instead="True",
    source=f"{_SETTINGS}session-cookie-secure",
)
def session_cookie(case: Case) -> tuple[str, str] | None:
    return _cookie(case, "SESSION_COOKIE_SECURE") if _has_sessions(case) else None


@rule(
    "SESSION_COOKIE_HTTPONLY",
    RISKS,
    lost="a visitor's session: scripts in a page can read its cookie",
    when="somebody gets a script into a page",
    instead="True, which is Django's default",
    source=f"{_SETTINGS}session-cookie-httponly",
)
def session_cookie_for_scripts(case: Case) -> tuple[str, str] | None:
    return _cookie(case, "SESSION_COOKIE_HTTPONLY") if _has_sessions(case) else None


@rule(
    "CSRF_COOKIE_SECURE",
    RISKS,
    lost="the token that proves a form to be of this site: the cookie goes over the wire as it is",
    when="a browser asks by http:// first, before nginx sends it to https://",
    instead="True",
    source=f"{_SETTINGS}csrf-cookie-secure",
)
def csrf_cookie(case: Case) -> tuple[str, str] | None:
    return _cookie(case, "CSRF_COOKIE_SECURE") if _checks_forms(case) else None


def _checks_forms(case: Case) -> bool:
    return any(name.endswith(".CsrfViewMiddleware") for name in case.settings["MIDDLEWARE"])


@rule(
    "MIDDLEWARE",
    RISKS,
    lost="what a signed-in visitor may do: another site can send forms in their name",
    when="they visit such a site, and forms are not checked",
    instead="CsrfViewMiddleware, behind the sessions; csrf_exempt for the views that need it",
    source=f"{DJANGO}csrf/",
)
def middleware(case: Case) -> tuple[str, str] | None:
    if not case.serves or not _has_sessions(case) or _checks_forms(case):
        return None
    line = 'MIDDLEWARE += ["django.middleware.csrf.CsrfViewMiddleware"]'
    return "without CsrfViewMiddleware", case.django_snippet(line)


@rule(
    "SESSION_SERIALIZER",
    RISKS,
    lost="every secret of the web processes: such a session runs code where it is read",
    when="somebody who knows SECRET_KEY, or reaches the cache, writes one",
    instead="JSON, which is Django's default",
    source=f"{_SETTINGS}session-serializer",
)
def session_serializer(case: Case) -> tuple[str, str] | None:
    if "Pickle" not in str(case.settings["SESSION_SERIALIZER"]):
        return None
    line = 'SESSION_SERIALIZER = "django.contrib.sessions.serializers.JSONSerializer"'
    return case.set_to("SESSION_SERIALIZER"), case.django_snippet(line)


@rule(
    "PASSWORD_HASHERS",
    RISKS,
    lost="your users' passwords",
    when="somebody gets a copy of the database: such hashes are guessed in no time",
    instead="Django's default, or Argon2; old passwords move over as their owners sign in",
    source=f"{_SETTINGS}password-hashers",
)
def hashers(case: Case) -> tuple[str, str] | None:
    first = (case.settings["PASSWORD_HASHERS"] or [""])[0]
    if not any(weak in first.rpartition(".")[2] and "PBKDF2" not in first for weak in _WEAK_HASHERS):
        return None
    rest = f'PASSWORD_HASHERS = [\n    "django.contrib.auth.hashers.PBKDF2PasswordHasher",\n    "{first}",\n]'
    return first.rpartition(".")[2], case.django_snippet(rest)


@rule(
    "EMAIL_USE_TLS",
    RISKS,
    lost="the password of the mail account, and what the mails say",
    when="somebody reads along on the way to the mail server",
    instead="True (port 587), or EMAIL_USE_SSL (port 465)",
    source=f"{_SETTINGS}email-use-tls",
)
def mail_in_clear(case: Case) -> tuple[str, str] | None:
    settings = case.settings
    safe = settings["EMAIL_USE_TLS"] or settings["EMAIL_USE_SSL"] or settings["EMAIL_HOST"] in _LOCAL
    if not case.django["smtp"] or not case.django["mail_user"] or safe:
        return None
    return case.set_to("EMAIL_USE_TLS"), case.django_snippet("EMAIL_USE_TLS = True\nEMAIL_PORT = 587")


@rule(
    "LOGGING.include_html",
    RISKS,
    lost="secrets in variables: the whole debug page of an error is mailed",
    when="an error happens, and mail is read or kept by others",
    instead="include_html left out",
    source=f"{DJANGO}logging/#django.utils.log.AdminEmailHandler",
)
def html_reports(case: Case) -> tuple[str, str] | None:
    if not (handlers := case.django["html_reports"]):
        return None
    snippet = case.django_snippet(f'LOGGING["handlers"]["{handlers[0]}"]["include_html"] = False')
    return f"include_html in {listed(handlers)}", snippet


@rule(
    "CORS_ALLOW_ALL_ORIGINS",
    RISKS,
    lost="what a signed-in visitor may see: any site can read it in their name",
    when="they visit such a site, as CORS_ALLOW_CREDENTIALS is True as well",
    instead="CORS_ALLOWED_ORIGINS with the sites that may",
    source="https://github.com/adamchainz/django-cors-headers#configuration",
)
def cors(case: Case) -> tuple[str, str] | None:
    if not (case.settings["CORS_ALLOW_ALL_ORIGINS"] and case.settings["CORS_ALLOW_CREDENTIALS"]):
        return None
    sites = ", ".join(f'"https://{name}"' for name in case.app["domains"])
    snippet = case.django_snippet(f"CORS_ALLOW_ALL_ORIGINS = False\nCORS_ALLOWED_ORIGINS = [{sites}]")
    return case.set_to("CORS_ALLOW_ALL_ORIGINS"), snippet


@rule(
    "ALLOWED_HOSTS.any",
    ADVISES,
    lost="nothing behind the kit's nginx, which knows the names; elsewhere links in mails lead where a stranger wants",
    when="something else is put in front of the application",
    instead="the names themselves",
    source=f"{_SETTINGS}allowed-hosts",
)
def any_host(case: Case) -> tuple[str, str] | None:
    if not case.serves or "*" not in case.settings["ALLOWED_HOSTS"]:
        return None
    return case.set_to("ALLOWED_HOSTS"), case.django_snippet(
        'import os\nALLOWED_HOSTS = os.environ["ALLOWED_HOSTS"].split(",")'
    )


RULES = (
    debug, secret_key, written, session_cookie, session_cookie_for_scripts, csrf_cookie, middleware,
    session_serializer, hashers, mail_in_clear, html_reports, cors, any_host,
)  # fmt: skip
