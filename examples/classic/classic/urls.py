"""The page and the notes, the admin, and what was uploaded."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.static import serve

urlpatterns = [
    path("", include("notes.urls")),
    path("admin/", admin.site.urls),
    # For a laptop, and for a server in front that was not told where the files are.
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
]
