"""What must hold between the keys of an application, and between the applications of an environment."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from .accepts import accept_problems
from .building import building_rules
from .certificates import acme_rules
from .gunicorn import worker_class_problems
from .mapping import mapping_rules
from .problems import Problem, problem
from .site import BODY_LIMIT, site_problems

NAME = re.compile(r"[a-z][a-z0-9_]{1,20}")
_PROGRAM = re.compile(r"[a-z][a-z0-9_]{0,30}")
_QUEUE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,100}")
_DOMAIN = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_CALENDAR = re.compile(r"[A-Za-z0-9*].*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Unix users of Debian and of the servers, databases and groups that exist before any application.
_RESERVED = frozenset(
    {"root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "backup", "list"}
    | {"irc", "nobody", "sshd", "messagebus", "postgres", "rabbitmq", "redis", "nginx", "supervisor", "cloche"}
    | {"applications", "template0", "template1", "operator", "admin", "default"}
)
_OWN_QUEUES = frozenset({"dead-letter", "unrouted"})
#: What stands for manage.py where a package is the project.
DJANGO_ADMIN = "django-admin"
_OWN_REDIS = frozenset({"cache", "state"})
WIRED = ("DATABASE_URL", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND", "CACHE_URL", "SECRET_KEY")


def application_rules(where: str, app: dict[str, Any], facts: dict[str, Any]) -> list[Problem]:
    """Return the contradictions inside one complete definition; `where` is put before each variable."""
    rules = (building_rules, _web, worker_class_problems, site_problems, _celery, _programs, _schedules, _redis)
    rules += (_environment, mapping_rules, _needed_secrets, accept_problems)
    found = [*name_problems(app["name"]), *_source(app, facts), *(entry for rule in rules for entry in rule(app))]
    return [entry | {"variable": where + entry["variable"]} for entry in found]


def environment_rules(apps: dict[str, dict[str, Any]], facts: dict[str, Any]) -> list[Problem]:
    """Return what is wrong between applications (place -> complete definition) and with the groups."""
    found = _repeated_ports(apps) + _repeated_domains(apps) + acme_rules(apps, facts["certificates"])
    found += [
        entry for where, app in apps.items() for entry in _several_beats(where, app, facts["groups"].get("beat") or [])
    ]
    needed = {group for app in apps.values() for group in _needed_groups(app, facts)}
    for group in sorted(name for name in needed if not facts["groups"].get(name)):
        found.append(problem(f"group {group}", "(no host)", f"add a host to the group {group} in hosts.yml"))
    return found


def _several_beats(where: str, app: dict[str, Any], hosts: list[str]) -> list[Problem]:
    """Hosts agree by a row in the application's own database which of them runs beat."""
    if app["beat"] is None or len(hosts) < 2 or app["secrets"].get("database") is not None:
        return []
    remedy = "they agree in its database which of them runs beat: give it one, or leave one host in the group"
    return [problem(f"group beat, for {where.strip()}", ", ".join(hosts), remedy)]


def _needed_groups(app: dict[str, Any], facts: dict[str, Any]) -> set[str]:
    """Return the groups without whose hosts an application cannot be: those of its programs, those of its services."""
    needs = {
        "postgres": app["secrets"].get("database") is not None,
        "rabbitmq": app["celery"] and app["broker"] == "rabbitmq",
        "redis": app["secrets"].get("redis") is not None,
        "web": app["wsgi"] or app["asgi"] or app["domains"],
        # Without a beat host the first worker host runs them.
        "worker": app["workers"] or (app["schedules"] and not facts["groups"].get("beat")),
        "beat": app["beat"] is not None,
        "flower": app["flower"] is not None,
    }
    return {group for group, needed in needs.items() if needed} | {entry["group"] for entry in app["processes"]}


def name_problems(name: str) -> list[Problem]:
    """Return why an application can't have a name."""
    if not NAME.fullmatch(name):
        return [problem("app_name", name, "no valid unix user; a letter, then 1 to 20 of a-z, 0-9 and _")]
    if name in _RESERVED:
        return [problem("app_name", name, "taken by the system or a server; choose another")]
    return []


def _source(app: dict[str, Any], facts: dict[str, Any]) -> list[Problem]:
    source = app["source"]
    given = [name for name in ("path", "git", "package") if source.get(name)]
    if len(given) != 1:
        return [problem("app_source", ", ".join(given), "give exactly one of path, git and package")]
    if given != ["git"] and source.get("version"):
        return [problem("app_source.version", source["version"], "only goes with git"), *_path(app, facts)]
    return _path(app, facts)


def _path(app: dict[str, Any], facts: dict[str, Any]) -> list[Problem]:
    if not (path := app["source"].get("path")):
        return []
    directory = Path(facts["project"], path, app["source"].get("subdirectory") or "")
    if not directory.is_dir():
        return [problem("app_source.path", path, f"no such directory on the controller: {directory}")]
    manage = None if app["manage"] == DJANGO_ADMIN else app["manage"]
    files = {"app_requirements": app["requirements"], "app_manage": manage}
    missing = {key: name for key, name in files.items() if name and not (directory / name).is_file()}
    return [problem(key, name, f"no such file in app_source.path ({path})") for key, name in missing.items()]


def _web(app: dict[str, Any]) -> list[Problem]:
    found = []
    if app["wsgi"] and app["asgi"]:
        found.append(problem("app_asgi", app["asgi"], f"remove it or app_wsgi ({app['wsgi']})"))
    if (app["wsgi"] or app["asgi"]) and not app["domains"]:
        found.append(problem("app_domains", app["domains"], "name at least one domain that nginx answers for"))
    found += [problem("app_domains", d, "no domain name") for d in app["domains"] if not _DOMAIN.fullmatch(d)]
    if not BODY_LIMIT.fullmatch(app["web"]["body_limit"]):
        found.append(problem("app_web.body_limit", app["web"]["body_limit"], "give digits and k, m or g, such as 10m"))
    if not app["health_path"].startswith("/"):
        found.append(problem("app_health_path", app["health_path"], "must begin with /"))
    paths = app["web"]["warm_up"]
    found += [problem("app_web.warm_up", path, "must begin with /") for path in paths if not path.startswith("/")]
    return found


def _celery(app: dict[str, Any]) -> list[Problem]:
    if not app["celery"]:
        parts = ("workers", "queues", "beat", "flower", "exchange", "celery_environment")
        # Flower without options is a mapping without keys.
        useless = {f"app_{name}": app[name] for name in parts if app[name] or (app[name] == {} and name == "flower")}
        value = {"app_workers": lambda workers: [w["name"] for w in workers]}
        remedy = "remove it, or set app_celery to the module of the Celery application"
        return [problem(key, value.get(key, lambda v: v)(v), remedy) for key, v in useless.items()]
    found = [problem("app_queues", q, "no valid queue name") for q in app["queues"] if not _QUEUE_NAME.fullmatch(q)]
    found += [problem("app_queues", q, "the kit's own queue; rename it") for q in app["queues"] if q in _OWN_QUEUES]
    found += [problem("app_queues", q, "named twice; remove one") for q in _repeated(app["queues"])]
    served = {queue for worker in app["workers"] for queue in worker["queues"]}
    for queue in sorted(set(app["queues"]) - served):
        found.append(problem("app_queues", queue, "no worker serves it: add it to the queues of one of app_workers"))
    for worker in app["workers"]:
        at = f"app_workers[{worker['name']}].queues"
        if not worker["queues"]:
            found.append(problem(at, [], "name at least one of app_queues"))
        for queue in sorted(set(worker["queues"]) - set(app["queues"])):
            found.append(problem(at, queue, "not in app_queues: add it there or remove it here"))
    return found


def _programs(app: dict[str, Any]) -> list[Problem]:
    found = []
    for kind in ("workers", "processes", "schedules"):
        names = [entry["name"] for entry in app[kind]]
        found += [problem(f"app_{kind}", n, "two of one name; rename one") for n in _repeated(names)]
        found += [problem(f"app_{kind}", n, "a name is a-z, 0-9 and _") for n in names if not _PROGRAM.fullmatch(n)]
    return found


def _schedules(app: dict[str, Any]) -> list[Problem]:
    """Whether systemd understands a calendar, a host of the release tells."""
    remedy = "give one line such as *-*-* 03:00:00, see systemd.time(7)"
    wrong = [entry for entry in app["schedules"] if not _CALENDAR.fullmatch(entry["calendar"])]
    return [problem(f"app_schedules[{entry['name']}].calendar", entry["calendar"], remedy) for entry in wrong]


def _redis(app: dict[str, Any]) -> list[Problem]:
    names = [entry["name"] for entry in app["redis"]["further"]]
    found = [problem("app_redis.further", n, "two of one name; rename one") for n in _repeated(names)]
    found += [problem("app_redis.further", n, "the kit's own instance; rename it") for n in names if n in _OWN_REDIS]
    found += [problem("app_redis.further", n, "a name is a-z, 0-9 and _") for n in names if not _PROGRAM.fullmatch(n)]
    return found


def _environment(app: dict[str, Any]) -> list[Problem]:
    found = []
    for key in ("environment", "celery_environment", "environment_map", "secret_environment"):
        for name in app[key]:
            if not _VARIABLE.fullmatch(str(name)):
                found.append(problem(f"app_{key}", str(name), "no name of an environment variable"))
    for name in sorted(set(app["environment"]) & set(app["secret_environment"])):
        found.append(problem("app_environment", name, "also in app_secret_environment: keep only one of them"))
    return found


def _needed_secrets(app: dict[str, Any]) -> list[Problem]:
    needed = {
        "broker": app["celery"] and app["broker"] == "rabbitmq",
        "redis": "redis" in (app["broker"], app["result_backend"]) or app["redis"]["further"],
        "django": app["manage"],
        "database": app["manage"] or (app["celery"] and app["result_backend"] == "django-db"),
    }
    missing = [name for name, wanted in needed.items() if wanted and app["secrets"].get(name) is None]
    return [problem(f"app_secrets.{name}", None, "add it, best as a reference to the vault") for name in missing]


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _repeated_ports(apps: dict[str, dict[str, Any]]) -> list[Problem]:
    first: dict[int, str] = {}
    found = []
    for where, app in apps.items():
        # Without Redis there are no instances, only the defaults of their ports.
        for name, port in _redis_ports(app["redis"]) if app["secrets"].get("redis") is not None else ():
            variable = f"{where}app_redis.{name}.port"
            if not 1024 <= port <= 65535:
                found.append(problem(variable, port, "must lie between 1024 and 65535"))
            elif first.setdefault(port, variable) != variable:
                found.append(problem(variable, port, f"taken by {first[port]}; choose another"))
    return found


def _redis_ports(redis: dict[str, Any]) -> list[tuple[str, int]]:
    """Return (place below app_redis, port) of each instance."""
    further = [(f"further[{entry['name']}]", entry["port"]) for entry in redis["further"]]
    return [(name, redis[name]["port"]) for name in sorted(_OWN_REDIS)] + further


def _repeated_domains(apps: dict[str, dict[str, Any]]) -> list[Problem]:
    first: dict[str, str] = {}
    found = []
    for where, app in apps.items():
        for domain in app["domains"]:
            if first.setdefault(domain.lower(), where) != where:
                remedy = f"{first[domain.lower()].strip()} answers for it, too; give it to one of them"
                found.append(problem(f"{where}app_domains", domain, remedy))
    return found
