"""The database, where it is away."""

from django.db import InterfaceError, OperationalError

#: What is raised while it restarts, or can't be reached: it passes, and is worth another try.
UNREACHABLE = (OperationalError, InterfaceError)
