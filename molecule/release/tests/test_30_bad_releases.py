"""A release that is no good never takes traffic; of it only its logs remain."""

import re

import pytest
import versions
from kit import ALL, current, history, left_of, load_plan
from load import verdict
from load.process import Load
from scenario_host import programs, run

BROKEN_IN_GUNICORN = """
import sys

if any("gunicorn" in part for part in sys.argv):
    raise ImportError("no such garden")
"""
SILENT_WORKER = """
import sys
import time

if "worker" in sys.argv:
    time.sleep(3600)
"""


def broken_import():
    versions.write("config/wsgi.py", "\nimport nowhere\n", append=True)
    return "Check the new code", "nowhere"


def broken_start():
    versions.write("config/wsgi.py", BROKEN_IN_GUNICORN, append=True)
    return "Hand the web processes over", "no such garden"


def never_ready():
    versions.replace("health/views.py", 'status=200 if report["status"] == "ok" else 503', "status=503")
    return "Hand the web processes over", "/readyz is not healthy"


def dependency_with_another_hash():
    versions.new_dependency()
    text = versions.exists("requirements.txt").read_text()
    head, _, tail = text.rpartition("iniconfig==")
    versions.write("requirements.txt", f"{head}iniconfig=={re.sub('sha256:....', 'sha256:0000', tail)}")
    return "Build the releases", "iniconfig"


def half_a_migration():
    column = 'migrations.AddField("run", "half", models.TextField(null=True))'
    versions.new_migration(f"{column}, migrations.RunPython(lambda apps, editor: 1 / 0)")
    return "Bring database and broker to the release", "division by zero"


def unsafe_migration():
    versions.new_migration('migrations.RemoveField("run", "worker")')
    return "Check the new code", "unsafe_migrations"


def silent_worker():
    versions.write("config/celery.py", SILENT_WORKER, append=True)
    return "Hand the workers over", "worker"


CAUSES = [never_ready, half_a_migration]
if ALL:
    CAUSES += [broken_import, broken_start, dependency_with_another_hash, unsafe_migration, silent_worker]


@pytest.mark.parametrize("spoil", CAUSES, ids=lambda cause: cause.__name__)
def test_a_bad_release_never_takes_traffic(spoil, live, tmp_path):
    step, word = spoil()
    serving = sorted(programs())
    load = Load(load_plan(), tmp_path / "samples.ndjson")
    load.start()
    try:
        done = run("deploy", "-e", "release_start_timeout=15")
    finally:
        load.stop()
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert step in said and word in said, said
    assert verdict.judge(load.path)["dropped"] == []
    assert current() == live
    # The old programs run and no others; workers that had been told to end may be back under a second name.
    up = {name.partition(".")[0] for name, state in programs().items() if state in {"RUNNING", "STARTING"}}
    assert up == {name.partition(".")[0] for name in serving if live in name}
    if step == "Build the releases":
        return
    failed = history()[-1]
    assert (failed["outcome"], failed["step"] in said, failed["release"] != live) == ("failed", True, True), failed
    assert left_of(failed["release"]) == []
