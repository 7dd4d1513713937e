"""For load balancers and people: no cookie, no login, no secret."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from health import services


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers. Depends on nothing else: a restart would not mend a broken service."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can work: 200, or 503 with the check that failed."""
    report = services.readiness()
    return JsonResponse(report, status=200 if report["status"] == "ok" else 503)
