"""The tasks. Those of the chain nap, so that there is time to watch them; ``nap`` is in seconds."""

import time
import uuid
from functools import cache
from typing import Any

from celery import Task, chain

from celery_demo.celery import app
from celery_demo.database import Values

NAP = 3
SOFT_LIMIT, LIMIT = 30, 60


@app.task(name="celery_demo.add", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def add(x: float, y: float, nap: float = 0) -> float:
    """Return ``x + y``. Idempotent: it changes nothing."""
    time.sleep(nap)
    return x + y


@app.task(name="celery_demo.mul", soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def mul(x: float, y: float, nap: float = 0) -> float:
    """Return ``x * y``. Idempotent: it changes nothing."""
    time.sleep(nap)
    return x * y


# Nobody reads its result: what it has saved is the result.
@app.task(
    name="celery_demo.insert_db_demo", bind=True, ignore_result=True, soft_time_limit=SOFT_LIMIT, time_limit=LIMIT
)
def insert_db_demo(self: Task, value: float, nap: float = 0) -> None:
    """Save the value under this task's id. Idempotent: a second run finds it there."""
    time.sleep(nap)
    values().insert(str(self.request.id), value)


@app.task(name="celery_demo.chain_demo", bind=True, soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def chain_demo(self: Task, x: float, y: float, nap: float = NAP) -> dict[str, str]:
    """Publish ``add(x, y)``, of that ``mul(…, 10)``, and save what comes out; return the id of each link by its name.

    Idempotent: the ids follow from this task's own, so that a second run publishes the same tasks again, whose results
    are equal and whose value is there.
    """
    own = self.request.id or uuid.uuid4()
    ids = {name: str(uuid.uuid5(uuid.NAMESPACE_OID, f"{own}/{name}")) for name in ("add", "mul", "insert_db_demo")}
    links: Any = [
        add.s(x, y, nap=nap).set(task_id=ids["add"]),
        mul.s(10, nap=nap).set(task_id=ids["mul"]),
        insert_db_demo.s(nap=nap).set(task_id=ids["insert_db_demo"]),
    ]
    chain(*links).apply_async()
    return ids


@cache
def values() -> Values:
    """Return the saved values; they lie in the file of the results."""
    return Values(app.conf.result_backend.removeprefix("db+"))
