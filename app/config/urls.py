"""One line per feature; each feature keeps its own URLs."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("tasks.urls")),
    path("ledger/", include("ledger.urls")),
    path("", include("health.urls")),
    path("admin/", admin.site.urls),
]
