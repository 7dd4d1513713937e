"""The table of reports."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery import states
from django.core.paginator import Page, Paginator
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce
from django.utils import timezone
from django_celery_results.models import TaskResult

from reports.models import Report

PAGE_SIZE = 10
#: What the table can be sorted by, with the heading; a leading minus in the address turns the order round.
SORTS = {"language": "Language", "state": "State", "requested_at": "Requested", "rows": "Rows"}
DEFAULT_SORT = "-requested_at"
OPEN_STATES = frozenset({states.PENDING, states.STARTED, states.RETRY})
#: Longer than a crawl with all of its pauses: what has not ended by then was lost on the way.
OVERDUE = timedelta(hours=3)


@dataclass(frozen=True)
class Column:
    """A heading: the ``order`` it has now (as aria-sort, or empty) and the ``sort`` that its link asks for."""

    name: str
    label: str
    order: str
    sort: str


def columns(sort: str) -> list[Column]:
    """Return the headings of the columns that can be sorted."""
    orders = {sort.removeprefix("-"): "descending" if sort.startswith("-") else "ascending"}
    return [
        Column(name, label, orders.get(name, ""), f"-{name}" if sort == name else name) for name, label in SORTS.items()
    ]


def parse_sort(sort: str) -> str:
    """Return the order meant, or the default one."""
    return sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT


def listing(search: str = "", sort: str = DEFAULT_SORT) -> QuerySet[Any]:
    """Return each Report with its ``state``, joined from the TaskResults of their two tasks.

    ``search`` is looked for in language, state and task id. What the report itself knows of its end goes first:
    results expire, and may be kept elsewhere.
    """
    reports = Report.objects.annotate(
        build=_status_of("task_id"),
        crawl=_status_of("crawl_task_id"),
    ).annotate(state=_state())
    if search:
        found = Q(language__icontains=search) | Q(state__icontains=search) | Q(task_id__istartswith=search)
        reports = reports.filter(found)
    return reports.order_by(_order(sort), "-pk")


def page(search: str, sort: str, number: Any) -> Page[Any]:
    """Return a page of the listing; for a number that there is not, the nearest."""
    return Paginator(listing(search, sort), PAGE_SIZE).get_page(number)


def _status_of(task_id: str) -> Subquery:
    return Subquery(TaskResult.objects.filter(task_id=OuterRef(task_id)).values("status")[:1])


def _state() -> Case:
    return Case(
        When(rows__isnull=False, then=Value(states.SUCCESS)),
        When(ended_at__isnull=False, then=Value(states.FAILURE)),
        # Ended by the worker's own hand, which could not put it into words: killed at its time limit, revoked.
        When(build__in=[states.FAILURE, states.REVOKED], then=F("build")),
        When(requested_at__lt=timezone.now() - OVERDUE, then=Value(states.FAILURE)),
        When(~Q(problem=""), then=Value(states.RETRY)),
        When(crawl=states.SUCCESS, build=None, then=Value(states.STARTED)),
        default=Coalesce("build", "crawl", Value(states.PENDING)),
    )


def _order(sort: str) -> OrderBy:
    name = sort.removeprefix("-")
    return F(name).desc(nulls_last=True) if sort.startswith("-") else F(name).asc(nulls_last=True)
