"""What the JSON views share: reading input, answering errors, guarding signed-in browsers."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

from core.database import UNREACHABLE
from core.publishing import NotConfirmed

View = Callable[..., HttpResponseBase]


class BadInput(ValueError):
    """What the client sent can't be used; the text is for the client."""


def error(status: int, message: str, **headers: str) -> JsonResponse:
    """Return ``{"error": message}``."""
    return JsonResponse({"error": message}, status=status, headers=headers)


def read_fields(request: HttpRequest) -> dict[str, Any]:
    """Return the body's fields, from JSON (an object) or a form. Raises BadInput."""
    if request.content_type == "application/json":
        try:
            fields = json.loads(request.body)
        # RecursionError: deeply nested brackets.
        except (ValueError, RecursionError) as problem:
            raise BadInput("the body is not valid JSON") from problem
        if not isinstance(fields, dict):
            raise BadInput("the JSON body must be an object")
        return fields
    return request.POST.dict()


def api(*methods: str) -> Callable[[View], View]:
    """Make a JSON view: allowed methods, CSRF for sessions, and a JSON answer to every foreseeable failure."""

    def decorate(view: View) -> View:
        # The test for sessions is inside of it: a form is parsed while the CSRF token is looked for.
        guarded = _protect_sessions(view)

        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in methods:
                return error(405, f"use {' or '.join(methods)}", Allow=", ".join(methods))
            try:
                return guarded(request, *args, **kwargs)
            except (BadInput, BadRequest, MultiPartParserError) as problem:
                return error(400, str(problem))
            except SuspiciousOperation:
                return error(400, "the request is too large or malformed")
            except NotConfirmed:
                return error(503, "the broker did not confirm the task", **{"Retry-After": "5"})
            except UNREACHABLE:
                return error(503, "the database can't be reached", **{"Retry-After": "5"})

        return answer

    return decorate


class _JsonCsrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        return error(403, f"CSRF check failed: {reason}")


def _protect_sessions(view: View) -> View:
    """Check the CSRF token where a session cookie is sent; a client without cookies has nothing to forge."""
    checked = decorator_from_middleware(_JsonCsrf)(view)

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        return (checked if has_session else view)(request, *args, **kwargs)

    return answer
