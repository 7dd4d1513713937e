"""URLs of the canvases: the API (JSON), and the pages."""

from django.urls import path

from canvas import views

app_name = "canvas"
urlpatterns = [
    path("", views.home, name="home"),
    path("start/", views.start, name="start"),
    path("runs/<uuid:run_id>/", views.run, name="run"),
    path("<uuid:run_id>/", views.detail, name="detail"),
]
