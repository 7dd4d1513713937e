"""The Celery processes of one release."""

from __future__ import annotations

# KILL comes this many seconds after a task's time limit, so that a task that ends just in time is acknowledged.
GRACE = 30
#: Of the role celery.
LEASED = "/usr/local/lib/cloche/leased"


def worker_arguments(worker: dict, node: str) -> list[str]:
    """Return the arguments of ``celery worker`` for one entry of ``app_workers``."""
    arguments = ["worker", f"--hostname={node}@%h", f"--queues={','.join(worker['queues'])}", "--loglevel=INFO"]
    options = {
        "pool": "pool",
        "concurrency": "concurrency",
        "prefetch": "prefetch-multiplier",
        "time_limit": "time-limit",
        "max_tasks_per_child": "max-tasks-per-child",
        "max_memory_per_child_kb": "max-memory-per-child",
    }
    alone = [] if worker.get("gossip", True) else ["--without-gossip", "--without-mingle"]
    return arguments + [f"--{option}={worker[key]}" for key, option in options.items() if worker.get(key)] + alone


def celery_programs(app: dict, release: str, leased: bool = False) -> list[dict]:
    """Return the programs of an application's release: ``{name, kind, command, stop_wait}``, ``stop_wait`` in seconds.

    ``app`` is a complete definition; an application without Celery has none. ``leased``: beat is on several hosts, of
    which one at a time runs it.
    """
    if not app.get("celery"):
        return []
    name, celery = app["name"], ["celery", "-A", app["celery"]]
    # For the release's launcher.
    launch = ["--celery"] if app.get("celery_environment") else []
    base = [*launch, *celery]
    programs = []
    for worker in app["workers"]:
        program = f"{name}-worker-{worker['name']}-{release}"
        command = [*base, *worker_arguments(worker, program)]
        programs.append(
            {"name": program, "kind": "worker", "command": command, "stop_wait": worker["time_limit"] + GRACE}
        )
    if app.get("beat") is not None:
        schedule = f"--schedule=/srv/{name}/shared/celerybeat-schedule"
        lease = [LEASED, f"{name}-beat"] if leased else []
        words = ["beat", f"--scheduler={app['beat']['scheduler']}", schedule, "--pidfile=", "--loglevel=INFO"]
        command = [*launch, *lease, *celery, *words]
        programs.append({"name": f"{name}-beat-{release}", "kind": "beat", "command": command, "stop_wait": GRACE})
    if app.get("flower") is not None:
        command = [*base, "flower", f"--unix_socket=/run/{name}/flower.sock", "--url_prefix=flower"]
        programs.append({"name": f"{name}-flower-{release}", "kind": "flower", "command": command, "stop_wait": GRACE})
    return programs


class FilterModule:
    """Offer ``celery_programs`` to templates: ``app | celery_programs(release.id)``."""

    def filters(self) -> dict:
        return {"celery_programs": celery_programs}
