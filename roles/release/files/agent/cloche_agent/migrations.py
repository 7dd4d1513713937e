"""Which migrations are pending, and what the code that still runs would suffer from them."""

from typing import Any

from cloche_agent.judge import Judge
from cloche_agent.output import Failure


def pending(connection: Any) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the pending migrations as ``[{"name", "unsafe": [reason]}]``, and the names of those that are ahead.

    Ahead is what the database has and this code does not know: applied by a newer release, or of an app that is gone.
    Only the default database is looked at, as `manage.py migrate` does. In a database without any applied migration
    no code runs yet, so nothing is unsafe.
    """
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    loader = executor.loader
    loader.check_consistent_history(connection)
    if conflicts := loader.detect_conflicts():
        names = "; ".join(f"{app}: {', '.join(names)}" for app, names in conflicts.items())
        raise Failure("migrations", f"migrations that end in more than one leaf, to be merged: {names}")
    plan = executor.migration_plan(loader.graph.leaf_nodes())
    known = set(loader.disk_migrations)
    for migration in loader.replacements.values():
        known.update(migration.replaces)
    ahead = sorted(f"{app}.{name}" for app, name in set(loader.applied_migrations) - known)
    if not plan:
        return [], ahead
    judge = Judge(connection, executor._create_project_state(with_applied_migrations=True))
    judged = [(f"{migration.app_label}.{migration.name}", judge.migration(migration)) for migration, _ in plan]
    fresh = not loader.applied_migrations
    return [{"name": name, "unsafe": [] if fresh else reasons} for name, reasons in judged], ahead
