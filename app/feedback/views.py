"""The form and the page after it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.database import UNREACHABLE
from feedback import services, throttle
from feedback.forms import FeedbackForm


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The form; a POST ends at the thank-you page (302), or shows the form again with what is wrong in words.

    422: a field is not as it should be. 429: too many from this address. 503: the database is away. The text that
    was written stays in the form.
    """
    if request.method != "POST":
        return _form(request, FeedbackForm())
    form = FeedbackForm(request.POST)
    if form.is_from_robot():
        # It learns nothing, and nothing is stored.
        return redirect("feedback:thanks")
    if not form.is_valid():
        return _form(request, form, 422)
    if throttle.is_throttled(request):
        form.add_error(None, "That was a lot of feedback at once, thank you. Please send this one in ten minutes.")
        return _form(request, form, 429, **{"Retry-After": str(throttle.WINDOW)})
    try:
        services.submit(form.cleaned_data["email"], form.cleaned_data["message"])
    except UNREACHABLE:
        form.add_error(None, "Your message could not be stored just now. Please send it again in a minute.")
        return _form(request, form, 503)
    return redirect("feedback:thanks")


def _form(request: HttpRequest, form: FeedbackForm, status: int = 200, **headers: str) -> HttpResponse:
    response = render(request, "feedback/home.html", {"form": form}, status=status)
    for name, value in headers.items():
        response[name] = value
    return response


@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """The page after the form; it depends on nothing, so that reloading it sends nothing."""
    return render(request, "feedback/thanks.html")
