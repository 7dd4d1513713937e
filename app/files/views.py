"""What lies under MEDIA_URL, wherever no server in front hands it out itself."""

from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from files.paths import is_private
from files.selectors import local_path


@require_safe
def media(request: HttpRequest, name: str) -> FileResponse:
    """A public file; a private one is as unknown as one that is not there."""
    if is_private(name):
        raise Http404("no such file")
    try:
        file = local_path(name).open("rb")
    except (FileNotFoundError, SuspiciousFileOperation, ValueError) as problem:
        raise Http404("no such file") from problem
    response = FileResponse(file)
    # What came from elsewhere is shown, never run.
    response.headers["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; sandbox"
    # A name always means the same content.
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
