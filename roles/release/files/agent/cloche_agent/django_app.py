"""Django, set up as the project's own manage.py does it."""

import os
import runpy
import sys
from pathlib import Path

from cloche_agent.output import Failure, step

#: Stands for manage.py where a package brings the project and none.
DJANGO_ADMIN = "django-admin"


def set_up(manage: str) -> None:
    """Set Django up, as manage.py does it or, for ``django-admin``, by DJANGO_SETTINGS_MODULE alone."""
    with step("load"):
        import django

        if manage != DJANGO_ADMIN:
            _prepare(manage)
        if not os.environ.get("DJANGO_SETTINGS_MODULE"):
            raise Failure("load", f"neither the environment nor {manage} names DJANGO_SETTINGS_MODULE")
        django.setup()


def _prepare(manage: str) -> None:
    """Run manage.py up to the point where it would execute a command.

    What it does before belongs to the project: a default of DJANGO_SETTINGS_MODULE (the environment outranks it),
    a file of variables, a change of the path.
    """
    path = Path(manage).resolve()
    if not path.is_file():
        raise Failure("load", f"no file {manage} in the release's source")
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))

    from django.core import management

    execute, arguments = management.ManagementUtility.execute, sys.argv
    management.ManagementUtility.execute = lambda self: None
    sys.argv = [manage, "check"]
    try:
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as leaving:
        # As in `sys.exit(main())`.
        if leaving.code:
            raise Failure("load", f"{manage} gives up: {leaving.code}") from leaving
    finally:
        management.ManagementUtility.execute, sys.argv = execute, arguments


def database() -> object | None:
    """Return the connection that migrations use (not opened yet), or None for a project without a database."""
    from django.db import connections

    connection = connections["default"]
    return None if connection.vendor == "unknown" else connection


def reachable() -> bool:
    """Tell whether the database can be connected to; that of a project without one always can."""
    from django.db.utils import OperationalError

    connection = database()
    if connection is None:
        return True
    try:
        connection.ensure_connection()
    except OperationalError:
        return False
    connection.close()
    return True
