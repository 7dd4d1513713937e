"""The release agent: ``<release>/run python <release>/agent VERB ...``; ``--help`` lists the verbs."""

import os
import sys

from cloche_agent.cli import main

if __name__ == "__main__":
    # As `python manage.py` and `celery` do: the application's modules come first, and the agent's one package stays
    # reachable without a place on the path, where it could hide a module of the application.
    sys.path[0] = os.getcwd()
    status = main(sys.argv[1:])
    # Not sys.exit: a thread that the application started at import would keep this process for ever.
    os._exit(status)
