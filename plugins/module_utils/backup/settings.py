"""Where pgBackRest and restic keep what they keep, in the words of each."""

from __future__ import annotations

from typing import Any

Target = dict[str, Any]
KEY = "/etc/cloche/backup/key"
KNOWN_HOSTS = "/etc/cloche/backup/known_hosts"
_SSH = (
    f"ssh -i {KEY} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes"
    f" -o UserKnownHostsFile={KNOWN_HOSTS}"
)


def pgbackrest(target: Target, passphrase: str, retention_days: int, postgres: dict[str, Any]) -> str:
    """Return pgBackRest's configuration; ``postgres`` has ``data`` and ``port``.

    Full backups are kept by time: there is always one that is older than the days in which any second can be reached.
    """
    repository = {
        "path": f"{target['path']}/postgres",
        "cipher-type": "aes-256-cbc",
        "cipher-pass": passphrase,
        "retention-full-type": "time",
        "retention-full": retention_days,
        # Small files together: one object for each of a thousand tables is slow anywhere but here.
        "bundle": "y",
        **_PLACES[target["kind"]](target),
    }
    shared = {
        "compress-type": "zst",
        "process-max": 2,
        # Without waiting for the next checkpoint.
        "start-fast": "y",
        "log-level-file": "info",
    }
    lines = [f"repo1-{name}={value}" for name, value in repository.items()]
    lines += [f"{name}={value}" for name, value in shared.items()]
    cluster = [f"pg1-path={postgres['data']}", f"pg1-port={postgres['port']}"]
    return "\n".join(["[global]", *lines, "", "[main]", *cluster, ""])


def _s3(target: Target) -> dict[str, Any]:
    return {
        "type": "s3",
        "s3-endpoint": target["endpoint"],
        "s3-region": target["region"],
        "s3-bucket": target["bucket"],
        "s3-key": target["key"],
        "s3-key-secret": target["secret"],
        "s3-uri-style": "path" if target.get("path_style") else "host",
        "storage-verify-tls": "n" if target.get("verify_tls") is False else "y",
    }


def _sftp(target: Target) -> dict[str, Any]:
    return {
        "type": "sftp",
        "sftp-host": target["host"],
        "sftp-host-port": target.get("port", 22),
        "sftp-host-user": target["user"],
        "sftp-private-key-file": KEY,
        "sftp-host-key-hash-type": "sha256",
        "sftp-host-key-check-type": "strict",
        "sftp-known-host": KNOWN_HOSTS,
    }


_PLACES = {"local": lambda target: {"type": "posix"}, "sftp": _sftp, "s3": _s3}


def restic(target: Target, host: str, passphrase: str) -> dict[str, Any]:
    """Return ``{repository, options, environment}`` of restic; each host has a repository of its own."""
    place = f"{target['path']}/files/{host}"
    environment = {"RESTIC_PASSWORD": passphrase}
    if target["kind"] == "sftp":
        address, port = f"{target['user']}@{target['host']}", target.get("port", 22)
        command = f"{_SSH} -p {port} {address} -s sftp"
        return {
            "repository": f"sftp:{address}:{place}", "options": ["-o", f"sftp.command={command}"],
            "environment": environment,
        }  # fmt: skip
    if target["kind"] == "s3":
        environment |= {
            "AWS_ACCESS_KEY_ID": target["key"],
            "AWS_SECRET_ACCESS_KEY": target["secret"],
            "AWS_DEFAULT_REGION": target["region"],
        }
        options = ["-o", "s3.bucket-lookup=path"] if target.get("path_style") else []
        options += ["--insecure-tls"] if target.get("verify_tls") is False else []
        repository = f"s3:https://{target['endpoint']}/{target['bucket']}{place}"
        return {"repository": repository, "options": options, "environment": environment}
    return {"repository": place, "options": [], "environment": environment}


def known_hosts(target: Target) -> str:
    """Return the lines by which ssh knows the target, one for each of ``host_keys``.

    libssh2 takes the kind of key that it likes best, and refuses a host of which it knows another kind alone.
    """
    port = target.get("port", 22)
    name = target["host"] if port == 22 else f"[{target['host']}]:{port}"
    return "".join(f"{name} {key}\n" for key in target["host_keys"])
