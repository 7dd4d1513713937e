"""A page that asks the database, one that takes its time, and one that lets nginx send a file to whom it may."""

import sys
import time

from django.db import connection
from django.http import HttpResponse, HttpResponseForbidden


def index(request):
    """Count Django's tables, so that a request needs the database."""
    return HttpResponse(f"{len(connection.introspection.table_names())} tables", content_type="text/plain")


def wait(request):
    """Take a second, and say what kind of process took it."""
    time.sleep(1)
    return HttpResponse("gevent" if "gevent.monkey" in sys.modules else "threads", content_type="text/plain")


def guarded(request, name):
    """Send a report to whoever knows the word."""
    if request.GET.get("word") != "sesame":
        return HttpResponseForbidden("not for you")
    answer = HttpResponse(content_type="text/x-report")
    answer["X-Accel-Redirect"] = f"/protected/{name}.txt"
    return answer
