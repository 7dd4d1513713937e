"""The gallery."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from photos import selectors


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """A page of photos, and what is wrong with the feed where something is."""
    context = {"page": selectors.page(request.GET.get("page")), "status": selectors.feed_status()}
    return render(request, "photos/home.html", context)
