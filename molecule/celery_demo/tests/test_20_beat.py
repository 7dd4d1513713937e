"""A minute of beat, and what a person finds in a Python console."""

import time
from typing import Any

import demo
from polling import until

SERVICES = ["supervisor", "rabbitmq-server"]
MINUTE = 60
CHAIN = "from celery_demo.tasks import chain_demo; print(repr(chain_demo.delay(1, 1).id))"
READ = """
from celery.result import AsyncResult
import celery_demo.tasks
result = AsyncResult({!r})
print((result.state, result.result))
"""


def read_back(task_id: str) -> tuple:
    """Return state and result of a task, from a console of its own."""
    return demo.console(READ.format(task_id))


def await_result(task_id: str) -> Any:
    """Return the result of a task that ends well within the time."""
    return until(lambda: read_back(task_id), lambda read: read[0] == "SUCCESS", 40)[1]


def test_a_minute_brings_a_result_every_two_seconds_and_none_twice():
    begin = demo.now()
    time.sleep(MINUTE)
    end = demo.now()
    stored = [at for at in demo.results() if begin < at <= end]
    assert abs(len(stored) - (end - begin) / demo.PERIOD) <= 2, stored
    demo.check_ledger(begin, longest_gap=4)
    assert demo.query(demo.SUMS.replace("date_done", "DISTINCT CAST(result AS TEXT)")) == [("13",)]


def test_the_crontab_sent_a_chain_at_the_full_minute():
    sent = until(lambda: demo.sends("chain-at-the-full-minute"), bool, MINUTE + 10)
    assert all(at % MINUTE < 5 for at in sent), sent
    until(lambda: demo.query("SELECT DISTINCT value FROM saved_value"), [(20.0,)].__eq__, 30)


def test_results_of_a_chain_are_read_back_from_a_console():
    begin = time.monotonic()
    links = await_result(demo.console(CHAIN))
    assert await_result(links["mul"]) == 20
    assert read_back(links["add"]) == ("SUCCESS", 2)
    # Two naps of three seconds before it.
    assert time.monotonic() - begin > 6
    saved = f"SELECT value FROM saved_value WHERE task_id = '{links['insert_db_demo']}'"
    until(lambda: demo.query(saved), [(20.0,)].__eq__, 30)
    assert read_back(links["insert_db_demo"]) == ("PENDING", None)
    assert demo.query(f"SELECT 1 FROM celery_taskmeta WHERE task_id = '{links['insert_db_demo']}'") == []


def test_an_ignored_result_is_never_stored():
    assert demo.query("SELECT count(*) FROM celery_taskmeta WHERE name = 'celery_demo.insert_db_demo'") == [(0,)]


def test_an_unknown_id_is_pending():
    assert read_back("nobody") == ("PENDING", None)
