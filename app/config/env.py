"""The environment, read literally: a secret may contain any character."""

from email.utils import parseaddr
from typing import Any

import environ
from environ.fileaware_mapping import FileAwareMapping

# libpq: a server that hangs must not hang the application with it (seconds; the last in milliseconds).
POSTGRES_OPTIONS = {
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
#: By scheme of EMAIL_URL: the port that it means.
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465, "consolemail": 0}


class FileOrVariable(FileAwareMapping):
    """The environment, where ``NAME_FILE`` names a file that holds the value of ``NAME``: a secret stays out of it."""

    def __getitem__(self, key: str) -> str:
        """Return a value, without the line's end that editors leave in a file."""
        value: str = super().__getitem__(key)
        return value.removesuffix("\n")


class Env(environ.Env):
    """django-environ without its interpolation, reading secrets from files as well.

    The library takes a value that begins with ``$`` for the name of another variable; a generated
    SECRET_KEY may begin so, and has to be taken as it is.
    """

    ENVIRON = FileOrVariable(cache=False)

    def get_value(
        self,
        var: str,
        cast: Any = None,
        default: Any = environ.Env.NOTSET,
        parse_default: bool = False,
    ) -> Any:
        """Return the variable's value, cast where a cast is given."""
        value = self.ENVIRON.get(f"{self.prefix}{var}")
        if isinstance(value, str) and value.startswith("$"):
            return value if cast is None else self.parse_value(value, cast)
        return super().get_value(var, cast=cast, default=default, parse_default=parse_default)

    def text(self, var: str, default: str) -> str:
        """Return a variable, or the default where it is missing or empty."""
        return self.str(var, default="") or default

    def choice(self, var: str, choices: tuple[str, ...], default: str) -> str:
        """Return a variable that is one of the choices, or the default where it is missing or empty."""
        value = self.text(var, default)
        if value not in choices:
            raise environ.ImproperlyConfigured(f"{var} is {value!r}; use one of {', '.join(choices)}")
        return value

    def whole(self, var: str, default: int, among: range | None = None) -> int:
        """Return a variable that is a whole number of 0 or more, or the default where it is missing or empty."""
        value = self.text(var, str(default))
        if not (value.isascii() and value.isdigit()):
            raise environ.ImproperlyConfigured(f"{var} is {value!r}; use a whole number")
        if among is not None and int(value) not in among:
            raise environ.ImproperlyConfigured(f"{var} is {value}; use a number from {among[0]} to {among[-1]}")
        return int(value)

    def web_url(self, var: str, default: str) -> str:
        """Return a variable that is an address on the web, or the default where it is missing or empty."""
        value = self.text(var, default)
        # Never repeat it: it may hold a key.
        if not value.startswith(("https://", "http://")):
            raise environ.ImproperlyConfigured(f"{var}: must begin with https:// or http://")
        return value

    def flag(self, var: str, default: bool) -> bool:
        """Return whether a variable is 1 and not 0, or the default where it is missing or empty."""
        return self.choice(var, ("0", "1"), str(int(default))) == "1"

    def people(self, var: str) -> list[tuple[str, str]]:
        """Return a comma separated variable as (name, address) of each; ``Ada <ada@garden.test>`` or the address."""
        found = [(name or address, address) for name, address in map(parseaddr, self.names(var, default=()))]
        if not all("@" in address for _, address in found):
            raise environ.ImproperlyConfigured(f"{var} holds something that is no mail address")
        return found

    def names(self, var: str, default: tuple[str, ...] | None = None) -> list[str]:
        """Return a comma separated variable as a list without blanks; required where there is no default."""
        if default is not None and not self.ENVIRON.get(var):
            return list(default)
        return [name.strip() for name in self.str(var).split(",") if name.strip()]


def database_config(url: str) -> dict[str, Any]:
    """Return Django's DATABASES entry for a URL whose user and password are percent-encoded."""
    config = Env.db_url_config(url)
    if not config.get("ENGINE", "").startswith("django."):
        # Never repeat the URL: it holds the password.
        raise environ.ImproperlyConfigured("DATABASE_URL: unknown scheme; use postgresql:// or sqlite://")
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"].endswith("postgresql"):
        config |= {
            "CONN_MAX_AGE": 300,
            # A connection that outlived a restart of the server is replaced before it is used.
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": POSTGRES_OPTIONS | options,
        }
    elif config["ENGINE"].endswith("sqlite3"):
        # Web requests and the in-process tasks write at the same time: readers don't block a writer (WAL),
        # and a second writer waits for the first instead of failing (IMMEDIATE, timeout in seconds).
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        } | options
    return config


def cache_config(url: str) -> dict[str, Any]:
    """Return Django's CACHES entry: Redis for redis://, rediss:// and unix://, process memory for an empty URL.

    The URL goes to the client as it is: the client decodes user and password, exactly once.
    """
    if not url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if url.split("://")[0] not in {"redis", "rediss", "unix"}:
        raise environ.ImproperlyConfigured("CACHE_URL: unknown scheme; use redis://, rediss:// or unix://")
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        # Seconds: a cache that hangs is worse than none.
        "OPTIONS": {
            "socket_timeout": 2,
            "socket_connect_timeout": 2,
            "health_check_interval": 30,
        },
    }


def email_config(url: str) -> dict[str, Any]:
    """Return Django's EMAIL_* settings for a URL whose user and password are percent-encoded.

    smtp:// speaks plain text, smtp+tls:// begins so and turns to TLS (STARTTLS), smtp+ssl:// is TLS from the start;
    consolemail:// prints.
    """
    scheme = url.split("://")[0]
    if scheme not in MAIL_PORTS:
        raise environ.ImproperlyConfigured(f"EMAIL_URL: unknown scheme; use one of {', '.join(MAIL_PORTS)}")
    config = Env.email_url_config(url)
    return {
        **{name: value for name, value in config.items() if name.startswith("EMAIL_")},
        # Ours, which tells a mail that never left from one that may have been accepted.
        **({"EMAIL_BACKEND": "core.mail.EmailBackend"} if scheme.startswith("smtp") else {}),
        "EMAIL_HOST": config["EMAIL_HOST"] or "localhost",
        "EMAIL_PORT": config["EMAIL_PORT"] or MAIL_PORTS[scheme],
    }
