"""The page for staff, and its parts for htmx."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from ops import parts

View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """Let staff in, send others to the sign-in page; 503 where the database can't tell who it is."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        try:
            is_staff = request.user.is_active and request.user.is_staff
        except (OperationalError, InterfaceError):
            # Plain: the page's bar would ask the database too.
            words = "The database can't be reached, so nobody can be recognised as staff. /readyz says more."
            return HttpResponse(words, status=503, content_type="text/plain", headers={"Retry-After": "5"})
        if is_staff:
            return view(request, *args, **kwargs)
        # A part that asks again after the session has ended: the whole page goes to the sign-in.
        return (
            HttpResponseClientRefresh()
            if "HX-Request" in request.headers
            else redirect_to_login(request.get_full_path())
        )

    return guarded


@require_safe
@never_cache
@staff_only
def home(request: HttpRequest) -> HttpResponse:
    """The page with all its parts, usable without JavaScript."""
    return render(request, "ops/home.html", {"parts": parts.contexts(parts.PARTS)})


@require_safe
@never_cache
@staff_only
def part(request: HttpRequest, name: str) -> HttpResponse:
    """One part, to take the place of its older self."""
    if name not in parts.PARTS:
        raise Http404
    (context,) = parts.contexts([name])
    return render(request, "ops/part.html", {"part": context})
