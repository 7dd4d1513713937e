"""The tasks, called as functions; test_alone.py runs them in a worker."""

from collections.abc import Iterator
from typing import Any

import pytest

from celery_demo import tasks


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, Any]]:
    """Collect (name, args, options) of what would be published."""
    found: list[tuple[str, Any, Any]] = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", _collector(found))
    return found


def _collector(found: list[tuple[str, Any, Any]]) -> Any:
    def apply_async(self: Any, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        found.append((self.name, args, {**options, "kwargs": kwargs}))

    return apply_async


@pytest.fixture
def as_task() -> Iterator[None]:
    """Let chain_demo believe that a worker runs it under the id t1."""
    tasks.chain_demo.push_request(id="t1", called_directly=False)
    yield
    tasks.chain_demo.pop_request()


def test_sums_and_products() -> None:
    assert tasks.add.run(5, 8) == 13
    assert tasks.mul.run(2, 10) == 20


def test_a_value_is_saved_once_however_often_its_task_runs() -> None:
    for value in (20, 30):
        tasks.insert_db_demo.apply(args=(value,), task_id="once")
    assert tasks.values().get("once") == 20


def test_a_value_that_nobody_saved_is_none() -> None:
    assert tasks.values().get("never") is None


def test_a_second_run_of_the_chain_publishes_the_same_tasks(as_task: None, published: list[Any]) -> None:
    first, second = tasks.chain_demo.run(1, 1), tasks.chain_demo.run(1, 1)
    assert first == second
    assert len(set(first.values())) == 3
    assert [options["task_id"] for _, _, options in published] == [first["add"]] * 2


def test_each_call_of_the_chain_is_another_chain(published: list[Any]) -> None:
    assert tasks.chain_demo.run(1, 1) != tasks.chain_demo.run(1, 1)


def test_the_links_of_the_chain_nap(published: list[Any]) -> None:
    tasks.chain_demo.run(1, 1)
    [(name, args, options)] = published
    assert (name, tuple(args), options["kwargs"]) == ("celery_demo.add", (1, 1), {"nap": 3})
    # The links behind the first, the last one first.
    assert [(link["task"], link["kwargs"]) for link in options["chain"]] == [
        ("celery_demo.insert_db_demo", {"nap": 3}),
        ("celery_demo.mul", {"nap": 3}),
    ]


def test_a_nap_without_an_end_is_cut_short() -> None:
    assert tasks.NAP < tasks.SOFT_LIMIT < tasks.LIMIT
