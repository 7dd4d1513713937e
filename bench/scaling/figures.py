"""What measured tasks say: pure functions. Times are seconds, moments epoch seconds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from statistics import quantiles

from scaling.hosts import Task

#: The last tasks of a queue are not measured: then one host may have none left while another works.
_MOST = 0.9


def rate(tasks: Sequence[Task], begin: float) -> float:
    """Return the tasks a second that were completed from a moment on, until nearly all were."""
    ended = sorted(task.ended for task in tasks)
    last = ended[int(len(ended) * _MOST)]
    before = bisect_right(ended, begin)
    return (int(len(ended) * _MOST) - before) / (last - begin)


def waits(tasks: Sequence[Task]) -> tuple[float, float]:
    """Return half's and 95 % of the tasks' longest wait from being sent to being worked on."""
    cuts = quantiles([task.began - task.sent for task in tasks], n=20)
    return cuts[9], cuts[18]


def depth(tasks: Sequence[Task]) -> tuple[float, int]:
    """Return how many tasks waited, on average over the time in which any was sent, and at most."""
    changes = sorted([(task.sent, 1) for task in tasks] + [(task.began, -1) for task in tasks])
    last_sent = max(task.sent for task in tasks)
    area, most, waiting, at = 0.0, 0, 0, changes[0][0]
    for moment, change in changes:
        if moment > last_sent:
            break
        area += waiting * (moment - at)
        waiting, at = waiting + change, moment
        most = max(most, waiting)
    return area / (last_sent - changes[0][0]), most
