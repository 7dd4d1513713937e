"""Throw-away containers of the targets' Debian, in which wheels are built that the controller can't build."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from threading import Lock

from ansible.module_utils.release.package_index import PackageIndex
from ansible.module_utils.release.targets import Target

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_PROXIES = [f"{kind}_proxy" for kind in ("http", "https", "all", "no")]


class WorkshopError(Exception):
    """There is no such container; the message says why."""


class Workshop:
    """Containers of the Debian release of one target, with further Debian packages.

    ``project`` is the kit's root, which knows how its base image is made. In ``cache``, where there is one, uv keeps
    what builds need, so that the next one has it.
    """

    def __init__(
        self, project: Path, target: Target, packages: list[str], index: PackageIndex, cache: Path | None = None
    ) -> None:
        self._project, self._target, self._packages, self._index = project, target, sorted(set(packages)), index
        self._cache = cache
        self._lock, self._made = Lock(), ""

    @property
    def usable(self) -> bool:
        """Whether there are Debian packages for it, and an engine and an image to make it from."""
        return bool(self._packages and self._target.suite and shutil.which("docker"))

    def run(self, *command: str, writable: Path, readable: list[Path]) -> subprocess.CompletedProcess[str]:
        """Run a command in a new container, in ``writable``; these directories are there under their own names.

        Raises WorkshopError where there can't be one; a command that fails raises nothing.
        """
        image = self._image()
        with tempfile.TemporaryDirectory(prefix="cloche-workshop-") as scratch:
            # Passwords in a file: variables of a container are there for everybody to read who may ask the engine.
            settings = Path(scratch, "settings")
            settings.touch(mode=0o600)
            settings.write_text(self._settings())
            read = dict.fromkeys([*readable, *self._index.directories(), *self._index.files()])
            places = [f"{path}:{path}:ro" for path in read]
            written = [path for path in (writable, self._cache) if path]
            for path in written:
                # What the engine made in its place would be root's.
                path.mkdir(parents=True, exist_ok=True)
            volumes = [f"{settings}:/run/settings:ro", *places, *(f"{path}:{path}" for path in written)]
            options = [word for volume in volumes for word in ("--volume", volume)]
            # The controller's network: what it reaches, also by a name of its own, is where packages come from.
            options += ["--network", "host", "--user", f"{os.getuid()}:{os.getgid()}", "--workdir", str(writable)]
            call = ["docker", "run", "--rm", "--init", "--label", "cloche.workshop", *options, image]
            inside = [*call, "sh", "-c", '. /run/settings && exec "$@"', "sh", *command]
            return subprocess.run(inside, capture_output=True, text=True, check=False)

    def _settings(self) -> str:
        proxies = {name: os.environ[name] for key in _PROXIES for name in (key, key.upper()) if name in os.environ}
        known = {"HOME": "/tmp", "PIP_CERT": CERTIFICATES, "SSL_CERT_FILE": CERTIFICATES, "PIP_NO_CACHE_DIR": "1"}
        cache = {"UV_CACHE_DIR": str(self._cache)} if self._cache else {}
        values = proxies | self._index.variables() | cache | known
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())

    def _image(self) -> str:
        """Return the image, made of the kit's base image where it is not there yet."""
        with self._lock:
            if not self._made:
                self._made = self._make_image()
        return self._made

    def _make_image(self) -> str:
        suite = self._target.suite
        if suite is None:
            raise WorkshopError(f"no image of a Debian with glibc {self._target.glibc} is known")
        if not shutil.which("docker"):
            raise WorkshopError("this machine has no container engine (bin/bootstrap engine)")
        self._done(str(self._project / "compose/base/build"), suite)
        digest = hashlib.sha256(" ".join(self._packages).encode()).hexdigest()[:12]
        image = f"cloche/workshop:{suite}-{digest}"
        arguments = ["--build-arg", f"SUITE={suite}", "--build-arg", f"PACKAGES={' '.join(self._packages)}"]
        directory = self._project / "roles/release/files/workshop"
        self._done("docker", "build", "--quiet", "--tag", image, *arguments, str(directory))
        return image

    @staticmethod
    def _done(*command: str) -> None:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            words = (result.stderr.strip() or result.stdout.strip())[-1500:]
            raise WorkshopError(f"`{Path(command[0]).name} {command[1]}` failed: {words}")
