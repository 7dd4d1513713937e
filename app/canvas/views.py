"""The API and the pages."""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from canvas import selectors, services
from canvas.kinds import KINDS, parse
from canvas.models import Node, Run
from core.http import BadInput, api, error, read_fields
from core.publishing import NotConfirmed

_LATEST = 10


# The API guards the sessions itself.
@csrf_exempt
def home(request: HttpRequest) -> HttpResponseBase:
    """The page to a GET, the API to a POST."""
    return create(request) if request.method == "POST" else page(request)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """A form for each kind of canvas, and the latest runs."""
    return _page(request)


@api("POST")
def create(request: HttpRequest) -> HttpResponse:
    """Start a canvas: 202 with the id of its run, ``{"task_id", "kind", "url"}``."""
    kind, values = parse(read_fields(request))
    run = services.start(kind.name, kind.make(**values))
    answer = {"task_id": str(run.pk), "kind": run.kind, "url": reverse("canvas:detail", args=[run.pk])}
    return JsonResponse(answer, status=202)


@api("GET")
def detail(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The run's tree, for polling."""
    try:
        answer = _look(run_id)
    except Run.DoesNotExist:
        return error(404, "there is no such run; runs are kept for a day")
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """The page's forms: on to the run, or back to the page with what is wrong."""
    fields = request.POST.dict()
    try:
        kind, values = parse(fields)
        run = services.start(kind.name, kind.make(**values))
    except BadInput as problem:
        return _page(request, f"This can't be started: {problem}.", fields, status=400)
    except NotConfirmed:
        refusal = "The broker did not confirm the tasks. Perhaps some of them run; starting again does no harm."
        return _page(request, refusal, fields, status=503)
    return redirect("canvas:run", run.pk)


@require_safe
@never_cache
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One run. htmx asks for the tree alone, and gets 204 while it is still what it was."""
    try:
        shown = _look(run_id)
    except Run.DoesNotExist as problem:
        raise Http404 from problem
    is_htmx = "HX-Request" in request.headers
    version = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]
    if is_htmx and request.GET.get("seen") == version:
        return HttpResponse(status=204)
    template = "canvas/_update.html" if is_htmx else "canvas/run.html"
    return render(request, template, {"run": shown, "kind": KINDS.get(shown["kind"]), "version": version})


def _look(run_id: UUID) -> dict[str, Any]:
    services.mark_expired(Node.objects.filter(run=run_id))
    return selectors.run_tree(run_id)


def _page(
    request: HttpRequest, problem: str = "", fields: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page with a form for each kind; ``fields`` are what was sent, so that nothing has to be typed again."""
    fields = fields or {}
    sections: dict[str, list[Any]] = {}
    for kind in KINDS.values():
        sent = fields if fields.get("kind") == kind.name else {}
        inputs = [(parameter, sent.get(parameter.name, parameter.initial)) for parameter in kind.parameters]
        sections.setdefault(kind.section, []).append((kind, inputs))
    context = {"sections": sections, "problem": problem, "runs": selectors.latest_runs(_LATEST)}
    return render(request, "canvas/home.html", context, status=status)
