"""Pages for staff."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRefresh

from core.database import UNREACHABLE

View = Callable[..., HttpResponse]


def staff_only(view: View) -> View:
    """Let staff in, send others to the sign-in page; 503 where the database can't tell who it is."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        try:
            is_staff = request.user.is_active and request.user.is_staff
        except UNREACHABLE:
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
