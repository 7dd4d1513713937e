"""The page for what no view foresaw."""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from core.database import UNREACHABLE


def failed(request: HttpRequest) -> HttpResponse:
    """Return the page of a failure: 503 where the database is away, which passes, else 500."""
    if isinstance(sys.exc_info()[1], UNREACHABLE):
        # Without the request: its user and messages would be read from that very database.
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    return server_error(request)
