"""Middleware that every request passes: its id."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.logs import request_id

# What nginx makes, or a caller within reason; anything else could forge lines of the log.
_VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Take over the proxy's X-Request-ID or make one; it is in the log's lines and in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        value = given if _VALID_ID.fullmatch(given) else uuid.uuid4().hex
        token = request_id.set(value)
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
        response.headers["X-Request-ID"] = value
        return response
