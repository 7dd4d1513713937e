"""What playbooks/site.yml does to the lab's host, operation for operation, in the same order.

The files' contents are those that the playbooks rendered: bench/provision takes them off the converged host, with owner
and mode, so that pyinfra is charged for the comparison alone. What the kit checks on the controller (the inventory, the
engine, the build of the release) has no counterpart here. Roles that pyinfra would not look at twice (`cloche.conf` of
postgresql-common, the packages of each role) are here once.
"""

import json
import os
from pathlib import Path

from extra import PostgresConnections, postgres_member, postgres_private, rabbitmq_objects, release_live
from pyinfra import host
from pyinfra.facts import server as server_facts
from pyinfra.operations import apt, files, postgres, server, systemd

WORK = Path(os.environ["BENCH_WORK"])
PLAN = json.loads((WORK / "plan.json").read_text())
APP = PLAN["app"]
AS_POSTGRES = {"_su_user": "postgres"}


def put(*paths: str) -> None:
    """Keep files as they are on the converged host."""
    for path in paths:
        owner = PLAN["files"][path]
        files.put(
            name=path,
            src=str(WORK / "files" / path.lstrip("/")),
            dest=path,
            user=owner["user"],
            group=owner["group"],
            mode=owner["mode"],
            # Directories are operations of their own, as in the roles.
            create_remote_dir=False,
        )


def directory(*paths: str) -> None:
    """Keep directories with root's ownership."""
    for path in paths:
        files.directory(name=path, path=path, user="root", group="root", mode="755")


def below(prefix: str) -> list[str]:
    """Return the files that the converged host has under a path, programs that Python has compiled apart."""
    return sorted(path for path in PLAN["files"] if path.startswith(prefix) and "__pycache__" not in path)


def run(*units: str) -> None:
    """Keep units running, now and at boot."""
    for unit in units:
        systemd.service(name=unit, service=unit, running=True, enabled=True)


# The host: its kind, free space, packages, journal.
host.get_fact(server_facts.Command, command='. /etc/os-release; echo "$ID $VERSION_ID"; df -Pm /')
host.get_fact(server_facts.LinuxDistribution)
host.get_fact(server_facts.Hostname)
host.get_fact(server_facts.Arch)
put("/etc/postgresql-common/createcluster.d/cloche.conf")
apt.packages(name="packages", packages=PLAN["packages"], no_recommends=True)
directory(
    "/etc/systemd/journald.conf.d", "/etc/systemd/system/logrotate.timer.d", "/etc/systemd/system/logrotate.service.d"
)
put(
    "/etc/systemd/journald.conf.d/cloche.conf",
    "/etc/systemd/system/logrotate.timer.d/cloche.conf",
    "/etc/systemd/system/logrotate.service.d/cloche.conf",
    "/etc/tmpfiles.d/cloche-logs.conf",
)
run("logrotate.timer")

# The application's place, and its release.
directory("/etc/cloche")
server.user(name=APP, user=APP, system=True, home=f"/srv/{APP}", ensure_home=False, shell="/usr/sbin/nologin")
put(f"/etc/sysusers.d/cloche-{APP}.conf", f"/etc/tmpfiles.d/cloche-{APP}.conf", f"/etc/cloche/{APP}.env")
put("/usr/local/lib/cloche/tidy-logs", "/etc/default/cloche-logs", *below("/etc/systemd/system/tidy-logs."))
run("tidy-logs.timer")
release_live(name="release", app=APP, release=PLAN["release"], programs=PLAN["programs"])

# RabbitMQ
put(*(f"/etc/rabbitmq/{name}" for name in ("rabbitmq.conf", "rabbitmq-env.conf", "enabled_plugins", "inetrc")))
put("/etc/rabbitmq/definitions.json")
directory("/etc/systemd/system/epmd.socket.d", "/etc/systemd/system/rabbitmq-server.service.d")
put("/etc/systemd/system/epmd.socket.d/cloche.conf", "/etc/systemd/system/rabbitmq-server.service.d/cloche.conf")
run("rabbitmq-server")
rabbitmq_objects(
    name="operator",
    access=PLAN["rabbitmq_access"],
    purpose="operator",
    wanted=PLAN["rabbitmq_operator"],
    absent={"users": ["guest"]},
)

# PostgreSQL
put(
    f"{PLAN['postgres']}/conf.d/10-cloche.conf",
    f"{PLAN['postgres']}/pg_hba.conf",
    f"{PLAN['postgres']}/pg_ident.conf",
    "/etc/logrotate.d/postgresql-common",
    "/etc/systemd/system/postgresql@.service.d/restart.conf",
)
run(PLAN["postgres_unit"])
postgres.role(name="applications", role="applications", login=False, inherit=True, **AS_POSTGRES)
host.get_fact(PostgresConnections, **AS_POSTGRES)
postgres.role(name=f"role {APP}", role=APP, login=True, **AS_POSTGRES)
postgres_member(name="member", group="applications", role=APP, **AS_POSTGRES)
postgres.database(name=f"database {APP}", database=APP, owner=APP, encoding="UTF8", template="template0", **AS_POSTGRES)
postgres_private(name="private", database=APP, **AS_POSTGRES)

# Redis
directory("/etc/systemd/system/redis-server@.service.d")
put("/etc/systemd/system/redis-server@.service.d/cloche.conf")
files.link(name="masked", path="/etc/systemd/system/redis-server.service", target="/dev/null")
put("/etc/logrotate.d/redis-server", *below(f"/etc/redis/redis-{APP}-"))
run(*(f"redis-server@{APP}-{name}" for name in ("cache", "state")))

# supervisor
put("/etc/supervisor/supervisord.conf")
directory("/etc/systemd/system/supervisor.service.d")
put("/etc/systemd/system/supervisor.service.d/cloche.conf")
run("supervisor")

# nginx
directory(
    *(f"/etc/nginx/{name}" for name in ("drain.d", "locations.d", "maintenance.d", "pages", "tls")),
    "/etc/systemd/system/nginx.service.d",
)
put(
    "/usr/local/sbin/nginx-candidate",
    *below("/etc/nginx/pages/_"),
    "/etc/systemd/system/nginx.service.d/cloche.conf",
    "/etc/systemd/system/nginx-operators.service",
    "/etc/nginx/tls/certificate.pem",
    "/etc/nginx/tls/key.pem",
    "/etc/nginx/nginx.conf",
    *(f"/etc/nginx/snippets/{name}.conf" for name in ("application-files", "challenge", "proxy", "security-headers")),
    *below("/etc/nginx/conf.d/"),
    "/etc/nginx/locations.d/panels.conf",
    "/etc/nginx/operators.htpasswd",
    "/etc/nginx/second-operators.htpasswd",
    "/etc/nginx/operators.conf",
)
run("nginx", "nginx-operators")
put(f"/etc/nginx/sites-enabled/{APP}.conf")

# Backups
directory("/etc/cloche", "/var/lib/cloche")
put("/etc/cloche/backup.json", "/etc/pgbackrest/pgbackrest.conf")
put(
    *below("/usr/local/lib/cloche/backup/"),
    *(path for path in below("/etc/systemd/system/backup-") if "-first." not in path),
)
run(*(f"backup-{name}.timer" for name in ("database", "files", "drill")))

# The application's objects on the broker.
rabbitmq_objects(
    name="vhost",
    access=PLAN["rabbitmq_access"],
    purpose="vhost",
    wanted=PLAN["rabbitmq_application"],
    absent={},
)
