"""The dashboard, its API and the download."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from core.http import BadInput, api, error, read_fields
from core.publishing import NotConfirmed
from files.selectors import local_path
from reports import selectors, services
from reports.languages import LANGUAGES, parse_language
from reports.models import Report


class HtmxRequest(HttpRequest):
    """A request as its middleware leaves it."""

    htmx: HtmxDetails


@csrf_exempt  # the API below looks for the token itself, and answers in JSON
def home(request: HttpRequest) -> HttpResponseBase:
    """The dashboard for GET, the API for POST."""
    return create(request) if request.method == "POST" else dashboard(request)


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The form and the table; ``q``, ``sort`` and ``page`` choose what is in it."""
    search = request.GET.get("q", "")[:100].replace("\0", "").strip()
    sort = selectors.parse_sort(request.GET.get("sort", ""))
    page = selectors.page(search, sort, request.GET.get("page"))
    context = {
        "languages": LANGUAGES,
        "columns": selectors.columns(sort),
        "page": page,
        "search": search,
        "sort": sort,
        "in_progress": any(report.state in selectors.OPEN_STATES for report in page),
    }
    return render(request, "reports/home.html", context)


@api("POST")
def create(request: HttpRequest) -> HttpResponse:
    """Start a report: 202 with the id of the task that builds it."""
    if not request.user.is_authenticated:
        return error(401, "sign in to start a report")
    report = _start(request, request.user, read_fields(request))
    return JsonResponse({"task_id": report.task_id}, status=202)


@require_POST
def start(request: HtmxRequest) -> HttpResponse:
    """The page's form: back to the table, with a message."""
    if not request.user.is_authenticated:
        login = redirect_to_login(reverse("reports:home"))
        return HttpResponseClientRedirect(login.url) if request.htmx else login
    try:
        report = _start(request, request.user, request.POST.dict())
    except BadInput as problem:
        messages.error(request, f"The report was not started: {problem}.")
    except NotConfirmed:
        messages.error(request, "The broker did not confirm the report. It may still start; if not, start it again.")
    else:
        messages.success(request, f"The report on {report.language} is on its way as task {report.task_id}.")
    return redirect("reports:home")


@login_required
@require_safe
def download(request: HttpRequest, task_id: uuid.UUID) -> FileResponse:
    """The file of a report that is ready, for anyone who has signed in."""
    report = get_object_or_404(Report, task_id=str(task_id), rows__isnull=False)
    try:
        file = local_path(report.stored_name).open("rb")
    except FileNotFoundError as problem:
        raise Http404("the file is gone") from problem
    response = FileResponse(file, as_attachment=True, filename=report.file_name, content_type="text/csv; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _start(request: HttpRequest, user: User, fields: dict[str, Any]) -> Report:
    language = parse_language(fields.get("language"))
    return services.start(language, user, request.build_absolute_uri(reverse("reports:home")))
