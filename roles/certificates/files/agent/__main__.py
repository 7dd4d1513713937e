"""python3 <this directory> VERB …: see cloche_certificates/cli.py."""

import sys

from cloche_certificates.cli import main

sys.exit(main(sys.argv[1:]))
