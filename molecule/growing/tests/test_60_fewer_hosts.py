"""From three hosts to one by its page: a backup of the cluster, a fresh host, and the way back into it."""

import json
import subprocess
import time

from growing import DATA, GROWN, ONE, missing, red, rows, status, writing
from polling import until
from scenario_host import Site, play

SERVICES = ["postgresql", "rabbitmq-server", "redis", "backup-"]
WHAT = {"restore_at": "latest", "restore_what": "database,redis,rabbitmq"}


def test_what_a_cluster_had_comes_back_on_one_host():
    """Messages are in no backup: whoever goes this way lets them be worked off before."""
    with writing() as confirmed:
        time.sleep(3)
    play("backup", inventory=GROWN, timeout=400)
    entries = rows(DATA[0])
    subprocess.run(["docker", "rm", "--force", *DATA], check=True, capture_output=True, timeout=60)
    play("lab", inventory=ONE)
    play("site", inventory=ONE, timeout=900)
    play("restore", "-e", json.dumps(WHAT), inventory=ONE, timeout=600)
    gone = missing(confirmed)
    assert (gone["postgres"], gone["redis"]) == ([], [])
    assert rows(DATA[0]) >= entries > 0


def test_it_serves_and_backs_up_as_a_host_alone():
    play("backup", "-e", "backup_asked=full", inventory=ONE, timeout=400)
    site = Site("localhost")
    assert until(lambda: site.request("GET", "/readyz").status_code, lambda answered: answered == 200, 60) == 200
    assert until(lambda: red(status(ONE)), lambda found: not found, 120) == []
