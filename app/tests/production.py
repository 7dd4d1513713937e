"""The settings of production, in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

APP = Path(__file__).resolve().parent.parent
HOSTILE = "$p%41+#'\" \\:@/ü x"
QUOTED = quote(HOSTILE, safe="")
PRODUCTION = {
    "SECRET_KEY": HOSTILE,
    "DATABASE_URL": f"postgresql://garden:{QUOTED}@db.test/garden",
    "CELERY_BROKER_URL": f"amqp://garden:{QUOTED}@mq.test/garden",
    "CACHE_URL": f"redis://garden:{QUOTED}@cache.test/0",
    "ALLOWED_HOSTS": "garden.test, www.garden.test",
    "STATIC_ROOT": "somewhere/static",
}


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project's folder with nothing but this environment, for a minute at most."""
    clean = {k: v for k, v in os.environ.items() if k in {"PATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH"}}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=APP,
        env={**clean, "DJANGO_SETTINGS_MODULE": "config.settings.production", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
