"""URLs of the health checks; without a trailing slash, as is the custom for them."""

from django.urls import path

from health import views

app_name = "health"
urlpatterns = [
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
]
