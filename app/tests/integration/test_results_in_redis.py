"""The same worker with one setting changed: its results are in Redis."""

import json

import pytest
from celery import current_app, group
from celery.app.backends import by_url
from celery.result import AsyncResult
from redis import Redis

from canvas.tasks import add

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module", autouse=True)
def worker(start_worker, redis_url):
    with start_worker("redis", CELERY_RESULT_BACKEND=redis_url) as worker:
        yield worker


@pytest.fixture
def backend(redis_url):
    """Redis as Celery reads it."""
    backend, url = by_url(redis_url, current_app.loader)
    return backend(app=current_app, url=url)


def test_results_are_read_by_mget(redis_url, backend):
    ids = [result.id for result in group(add.s(i, i) for i in range(10)).apply_async().results]
    assert [AsyncResult(task_id, backend=backend).get(timeout=10) for task_id in ids] == [i + i for i in range(10)]
    with Redis.from_url(redis_url) as redis:
        found = redis.mget([f"celery-task-meta-{task_id}" for task_id in ids])
        # Seconds: a day, as RESULT_EXPIRES says.
        assert 0 < redis.ttl(f"celery-task-meta-{ids[0]}") <= 24 * 3600
    metas = [json.loads(payload) for payload in found]
    assert [(meta["status"], meta["result"]) for meta in metas] == [("SUCCESS", i + i) for i in range(10)]


def test_an_unknown_id_is_pending(backend):
    assert AsyncResult("3e1d1f3e-1f0c-4a52-8d5f-0c7d0a6f4f11", backend=backend).state == "PENDING"
