"""pyinfra doing on the converged host what playbooks/site.yml does there."""

from __future__ import annotations

import io
import json
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provisioning import environments
from provisioning.lab import Lab
from provisioning.process import ROOT, BenchError, docker, run

_VENV = ROOT / ".cache/bench-venv"
_LOCK = ROOT / "requirements/bench.txt"
_TWIN = ROOT / "bench/pyinfra"
_ACCESS = "/run/bench-rabbitmq.json"
_SAFETY = ("dead-letter", "unrouted")
# A line of pyinfra's summary: the operation, then how many hosts, of these changed, failed, unchanged.
_ROW = re.compile(r"^ {4}(\S.*?) +(\d+) +(\d+|-) +(\d+|-) +(\d+|-) *$", re.MULTILINE)


def install() -> None:
    """Install pyinfra from its lock into an environment of its own, once."""
    environments.install(_LOCK, _VENV)


@dataclass(frozen=True)
class Run:
    """One run of the twin: seconds, operations, and facts that it reads beside them."""

    seconds: float
    operations: int
    facts: int


class Twin:
    """pyinfra and all it needs to know of one host, in ``work``, a private directory."""

    def __init__(self, lab: Lab, work: Path, connection: str) -> None:
        self._lab = lab
        self._work = work
        self._environment = {
            "BENCH_WORK": str(work),
            "BENCH_CONNECTION": connection,
            "BENCH_CONTAINER": lab.name,
            "BENCH_ADDRESS": self._address(),
            "BENCH_SSH_KEY": str(work / "key"),
            "BENCH_KNOWN_HOSTS": str(work / "known_hosts"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._open_ssh()
        self._write_plan()

    def run(self) -> Run:
        """Run the twin once; BenchError where it finds something to change, as it would then measure something else."""
        command = (_VENV / "bin/pyinfra", "-y", "inventory.py", "deploy.py")
        finished = run(*command, timeout=180, cwd=_TWIN, env=self._environment)
        text = re.sub(r"\x1b\[[\d;]*m", "", (finished.stdout + finished.stderr).decode(errors="replace"))
        rows = {
            name: [0 if figure == "-" else int(figure) for figure in figures] for name, *figures in _ROW.findall(text)
        }
        if "Grand total" not in rows:
            raise BenchError(f"pyinfra tells no grand total:\n{text[-2000:]}")
        operations, changed, failed, _ = rows.pop("Grand total")
        if changed or failed:
            guilty = [name for name, figures in rows.items() if figures[1] or figures[2]]
            raise BenchError(
                f"the twin is none: on the converged host it would change {', '.join(guilty)}\n{text[-2000:]}"
            )
        facts = (_TWIN / "deploy.py").read_text().count("\nhost.get_fact(")
        return Run(finished.seconds, operations, facts)

    def _address(self) -> str:
        template = f'{{{{(index .NetworkSettings.Networks "{self._lab.name}").IPAddress}}}}'
        return docker("inspect", "--format", template, self._lab.name).decode().strip()

    def _open_ssh(self) -> None:
        """Let a key of our own in as root."""
        key = Ed25519PrivateKey.generate()
        none = serialization.NoEncryption()
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, none)
        public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        self._work.mkdir(mode=0o700)
        (self._work / "key").touch(mode=0o600)
        (self._work / "key").write_bytes(private)
        script = "install -d -m 700 /root/.ssh && cat >> /root/.ssh/authorized_keys"
        docker("exec", "-i", self._lab.name, "sh", "-c", script, stdin=public + b"\n")

    def _write_plan(self) -> None:
        """Take the rendered files off the host, and note what else deploy.py compares with."""
        files = self._fetch_files()
        postgres = next(Path(path).parents[1] for path in files if path.endswith("/conf.d/10-cloche.conf"))
        [app] = [path.stem for path in (self._lab.tree / "bench/inventory/apps").glob("*.yml")]
        release = docker("exec", self._lab.name, "readlink", f"/srv/{app}/current").decode().strip()
        definitions = self._definitions()
        operator = [user for user in definitions["users"] if user["name"] != app]
        plan = {
            "app": app,
            "files": files,
            "packages": self._lab.packages(),
            "release": Path(release).name,
            "programs": [Path(path).stem for path in files if path.startswith("/etc/supervisor/conf.d/")],
            "postgres": str(postgres),
            "postgres_unit": f"postgresql@{postgres.parent.name}-{postgres.name}",
            "rabbitmq_access": _ACCESS,
            "rabbitmq_operator": {"users": operator},
            "rabbitmq_application": _objects_of(app, definitions),
        }
        (self._work / "plan.json").write_text(json.dumps(plan))

    def _fetch_files(self) -> dict[str, dict[str, str]]:
        """Unpack the host's configuration into ``work``/files and return owner, group and mode of each file."""
        archive = docker(
            "exec", self._lab.name, "tar", "-C", "/", "-c", "etc", "usr/local/sbin", "usr/local/lib/cloche", timeout=120
        )
        files = {}
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in (member for member in tar if member.isreg()):
                target = self._work / "files" / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(tar.extractfile(member).read())
                files["/" + member.name] = {"user": member.uname, "group": member.gname, "mode": f"{member.mode:o}"}
        return files

    def _definitions(self) -> dict[str, list[dict]]:
        password = (self._lab.private / "secrets/operator_password").read_text().strip()
        access = {"url": "http://127.0.0.1:15672/rabbitmq", "user": "operator", "password": password}
        keep = f"umask 077 && cat > {_ACCESS}"
        docker("exec", "-i", self._lab.name, "sh", "-c", keep, stdin=json.dumps(access).encode())
        script = (_TWIN / "read_definitions.py").read_bytes()
        return json.loads(docker("exec", "-i", self._lab.name, "python3", "-", _ACCESS, stdin=script))


def _objects_of(app: str, definitions: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Return what the kit gives an application: all but the queues and exchanges that its own workers declare."""
    wanted = {kind: [entry for entry in definitions[kind] if entry["name"] == app] for kind in ("vhosts", "users")}
    for kind in ("permissions", "policies"):
        wanted[kind] = [entry for entry in definitions[kind] if entry["vhost"] == app]
    for kind, key in (("queues", "name"), ("exchanges", "name"), ("bindings", "source")):
        wanted[kind] = [entry for entry in definitions[kind] if entry["vhost"] == app and entry[key] in _SAFETY]
    return wanted
