"""One line per feature; each feature keeps its own URLs."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

urlpatterns = [
    path("", include("tasks.urls")),
    path("ledger/", include("ledger.urls")),
    path("", include("health.urls")),
    # settings.MEDIA_URL
    path("media/", include("files.urls")),
    path("photos/", include("photos.urls")),
    path("reports/", include("reports.urls")),
    path("canvas/", include("canvas.urls")),
    path("schedules/", include("schedules.urls")),
    path("feedback/", include("feedback.urls")),
    path("ops/", include("ops.urls")),
    # The admin's own let only its users in, and out.
    path("sign-in/", LoginView.as_view(template_name="sign_in.html"), name="sign-in"),
    path("sign-out/", LogoutView.as_view(next_page="tasks:home"), name="sign-out"),
    path("admin/", admin.site.urls),
]

handler500 = "core.errors.failed"
