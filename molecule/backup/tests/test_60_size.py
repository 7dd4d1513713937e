"""How long 1 GB takes: to back up, to prove, and to bring back while nothing serves. The figures are printed."""

from __future__ import annotations

import json
import time

from backups import back_up, drill, listed, moment, psql, restore, settle
from polling import until
from scenario_host import Site, shell

SERVICES = ["backup-", "postgresql"]
#: Rows of text that does not compress well, with their index a little more than 1 GB.
ROWS = 6_000_000
#: Seconds; what it took is printed, this is only when nobody would wait any more.
LIMIT = 300


def test_a_gigabyte_comes_back(host):
    body = " || ".join(f"md5((n * {factor})::text)" for factor in (3, 5, 7, 11))
    # Through the application's own rights it would take longer to say, and no more be proven.
    shell(
        "psql --host=/var/run/postgresql --username=postgres -qc"
        f' "CREATE TABLE large AS SELECT n, {body} AS body FROM generate_series(1, {ROWS}) n" -c'
        ' "ALTER TABLE large ADD PRIMARY KEY (n)" garden',
        timeout=300,
    )
    took: dict[str, float] = {}
    began = time.monotonic()
    back_up("full")
    took["back up"] = time.monotonic() - began
    backup = [entry for entry in listed() if entry["what"] == "database"][-1]
    assert backup["bytes"] > 1e9
    began = time.monotonic()
    result = drill()
    took["prove"] = time.monotonic() - began
    assert result.returncode == 0, result.stdout + result.stderr
    psql("INSERT INTO large VALUES (0, 'the last one')")
    settle()
    at = time.time()
    settle()
    psql("DROP TABLE large")
    began = time.monotonic()
    restore(moment(at))
    site = Site("localhost")
    until(lambda: site.request("GET", "/readyz").status_code, lambda answered: answered == 200, 60)
    took["restore"] = time.monotonic() - began
    figures = {what: round(seconds) for what, seconds in took.items()}
    print(json.dumps({"bytes": backup["bytes"], "stored": backup["stored"], "seconds": figures}))
    assert psql("SELECT count(*), max(body) FILTER (WHERE n = 0) FROM large") == f"{ROWS + 1}|the last one"
    assert took["restore"] < LIMIT
    psql("DROP TABLE large")
    shell("rm -r /var/lib/postgresql/*/main.before-*")
