"""The staff's page; changes are made in the admin."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.staff import staff_only
from schedules import selectors


@require_safe
@never_cache
@staff_only
def home(request: HttpRequest) -> HttpResponse:
    """All schedules with their runs, and links into the admin."""
    return render(request, "schedules/home.html", {"schedules": selectors.schedules()})
