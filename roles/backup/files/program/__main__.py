"""Backups of this host: ``python3 <this directory> VERB ...``; ``--help`` lists the verbs."""

import sys

from cloche_backup.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
