"""Where packages come from: what pip on this machine was told, and an application's own index."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

_SETTING = re.compile(r"(?::env:|global|download|wheel)\.([\w-]+)=(.*)")
#: Options of pip that say where packages are.
_PLACES = ("index-url", "extra-index-url", "find-links", "no-index")
#: The same for uv, which reads nothing of pip's; a list is separated as uv wants it.
_UV = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
}
_UV_PLACES = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL")


def host_settings() -> dict[str, str]:
    """Return what pip on this machine was told, option to value: by its files, and by PIP_* over them."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    found = {}
    for line in sorted(listed, key=lambda line: line.startswith(":env:")):
        if match := _SETTING.fullmatch(line):
            found[match[1]] = " ".join(str(ast.literal_eval(match[2])).split())
    found.pop("config-file", None)
    return found


class PackageIndex:
    """The places that packages are looked for in; ``own`` is app_package_index: url, username, password, extra."""

    def __init__(self, own: dict | None = None) -> None:
        self._own = own or {}

    @property
    def name(self) -> str:
        """Return what tells an index from another, without what nobody may read."""
        return f"{self._own['url']} {self._own.get('extra', True)}" if self._own else ""

    def of_host(self) -> PackageIndex:
        """Return the places that the machine knows without the application's own."""
        return PackageIndex() if self._own else self

    @cached_property
    def settings(self) -> dict[str, str]:
        """Return the options of pip that are in force, option to value."""
        host = host_settings()
        if not self._own:
            return host
        if self._own.get("extra", True):
            return host | {"extra-index-url": f"{self._url} {host.get('extra-index-url', '')}".strip()}
        return {name: value for name, value in host.items() if name not in _PLACES} | {"index-url": self._url}

    @property
    def _url(self) -> str:
        scheme, _, rest = self._own["url"].partition("://")
        who = [quote(self._own[key], safe="") for key in ("username", "password") if self._own.get(key)]
        return f"{scheme}://{':'.join(who)}@{rest}" if who else self._own["url"]

    def variables(self) -> dict[str, str]:
        """Return the variables by which pip and uv are told all that; they may hold a password."""
        settings = self.settings
        told = {"PIP_CONFIG_FILE": os.devnull}
        told |= {f"PIP_{name.upper().replace('-', '_')}": value for name, value in settings.items()}
        for name, (variable, separator) in _UV.items():
            if name in settings:
                told[variable] = separator.join(settings[name].split())
        if "trusted-host" in settings:
            told["UV_INSECURE_HOST"] = settings["trusted-host"]
        # pip takes the best of all its places. A package of the application's own index is that one, whatever bears
        # its name elsewhere.
        if not self._own and {"extra-index-url", "find-links"} & settings.keys():
            told["UV_INDEX_STRATEGY"] = "unsafe-best-match"
        replaced = set(_UV_PLACES) if self._own and not self._own.get("extra", True) else set()
        if self._own and "UV_INDEX" in os.environ and not replaced:
            told["UV_INDEX"] += f" {os.environ['UV_INDEX']}"
        kept = () if self._own else ("UV_INDEX_STRATEGY", *_UV_PLACES)
        return told | {name: os.environ[name] for name in kept if name in os.environ}

    def environment(self) -> dict[str, str]:
        """Return a process's whole environment."""
        own = {
            name: value for name, value in os.environ.items() if not name.startswith("PIP_") and name not in _UV_PLACES
        }
        certificate = {"SSL_CERT_FILE": self.settings["cert"]} if "cert" in self.settings else {}
        return certificate | own | self.variables()

    def uv_options(self) -> list[str]:
        """Return what uv can't be told by a variable."""
        return ["--no-index"] if self.settings.get("no-index", "").lower() in ("1", "true", "yes", "on") else []

    def directories(self) -> list[Path]:
        """Return the directories of this machine among the places."""
        places = [word for name in _PLACES[:3] for word in self.settings.get(name, "").split()]
        paths = [
            Path(unquote(urlsplit(place).path)) for place in places if "://" not in place or place.startswith("file:")
        ]
        # The files that the pages of a mirror name lie beside these.
        paths = [path.parent if path.name == "simple" else path for path in paths]
        return [path for path in paths if path.is_absolute() and path.is_dir()]

    def files(self) -> list[Path]:
        """Return the files of this machine that pip was told to read besides: of constraints."""
        paths = [Path(word) for word in self.settings.get("constraint", "").split()]
        return [path for path in paths if path.is_absolute() and path.is_file()]

    def redacted(self, text: str) -> str:
        """Return a text without the passwords that URLs in it carry, or that of the index."""
        password = self._own.get("password") or ""
        for secret in {password, quote(password, safe="")} - {""}:
            text = text.replace(secret, "***")
        return re.sub(r"(://)[^/\s@]+@", r"\1***@", text)
