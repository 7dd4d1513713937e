"""The page for staff, and its parts for htmx."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.staff import staff_only
from ops import parts


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
