"""The ledger's API."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from core.http import api, read_fields
from ledger import inputs, selectors, services


@api("POST")
def create(request: HttpRequest) -> HttpResponse:
    """Accept an entry: 202 once the broker has confirmed its task, 503 for *perhaps*."""
    entry = services.accept(inputs.parse_request(read_fields(request)))
    return JsonResponse(
        {"key": entry.key, "number": entry.pk, "task_id": str(entry.task_id)},
        status=202,
    )


@api("GET")
def summary(request: HttpRequest) -> HttpResponse:
    """The counts of the keys with the prefix."""
    prefix = inputs.parse_prefix(request.GET.get("prefix", ""))
    return JsonResponse(
        {"prefix": prefix, **selectors.summary(prefix)},
        headers={"Cache-Control": "no-store"},
    )
