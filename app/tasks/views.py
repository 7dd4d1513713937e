"""The page and its API."""

from celery import states
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.http import api, error, read_fields
from tasks import selectors, services
from tasks.types import SECONDS_PER_TYPE, TASK_TYPES, parse_type


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The page with a button for each type and the table of what was started."""
    choices = [(t, t * SECONDS_PER_TYPE) for t in TASK_TYPES if t]
    return render(request, "tasks/home.html", {"choices": choices})


@api("POST")
def create(request: HttpRequest) -> HttpResponse:
    """Start a task: 202 with its id."""
    task_type = parse_type(read_fields(request).get("type"))
    return JsonResponse({"task_id": services.start(task_type)}, status=202)


@api("GET")
def detail(request: HttpRequest, task_id: str) -> HttpResponse:
    """The task's state, for polling."""
    return JsonResponse(selectors.task_state(task_id), headers={"Cache-Control": "no-store"})


@api("POST")
def cancel(request: HttpRequest, task_id: str) -> HttpResponse:
    """Cancel a task: 202 with its state once the workers are told, 200 where it had ended, 409 where it can't be."""
    try:
        state = services.cancel(task_id)
    except services.NotCancellable as problem:
        return error(409, str(problem))
    return JsonResponse(state, status=200 if state["task_status"] in states.READY_STATES else 202)
