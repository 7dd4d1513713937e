"""What is on the host, and what is not: nothing that the application does without."""

import json

import pytest
from demo import RESULTS, live, programs_of
from scenario_host import HOST, SCRATCH, play, programs, shell

SERVICES = ["supervisor", "rabbitmq-server"]


def test_there_are_workers_and_beat_and_no_other_program():
    assert sorted(programs()) == programs_of(live())


@pytest.mark.parametrize("package", ["postgresql", "nginx", "redis-server"])
def test_what_it_does_without_is_not_installed(host, package):
    assert not host.package(package).is_installed


@pytest.mark.parametrize("process", ["postgres", "nginx", "redis-server", "gunicorn"])
def test_what_it_does_without_does_not_run(host, process):
    assert process not in host.check_output("ps -ww -eo args=")


def test_one_secret_was_made_for_it():
    """And the environment's: the operator's, who signs in to RabbitMQ, that of backups, that of clusters."""
    made = {path.name for path in (SCRATCH / "private/secrets").iterdir() if path.suffix != ".lock"}
    own = {"celery_demo_broker_password"}
    assert made == own | {"operator_password", "backup_passphrase", "cluster_secret"}


def test_its_processes_get_the_urls_of_what_it_has():
    names = {line.partition("=")[0] for line in shell("cat /etc/cloche/celery_demo.env").splitlines()}
    assert names == {"CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"}


def test_its_queue_is_replicated_and_what_fails_is_kept():
    rows = shell("rabbitmqctl -q list_queues --vhost celery_demo name type policy").splitlines()
    queues = dict(row.split("\t")[:2] for row in rows)
    assert {queues[name] for name in ("default", "dead-letter", "unrouted")} == {"quorum"}


def test_its_status_is_known(host):
    """Of an environment without a site, a database or Redis."""
    status = json.loads(play("status", "-e", "format=json", callback="answer"))
    assert status["level"] == "ok", status
    assert {queue["name"] for queue in status["hosts"][HOST]["queues"]} >= {"default"}


def test_its_results_and_beats_memory_outlive_a_release(host):
    for path in (RESULTS, "/srv/celery_demo/shared/celerybeat-schedule"):
        assert host.file(path).user == "celery_demo"


def test_nobody_else_reads_the_results(host):
    assert host.file(RESULTS).mode == 0o600
    assert host.run("runuser -u nobody -- cat %s", RESULTS).rc != 0
