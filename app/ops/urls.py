"""URLs of the operations page."""

from django.urls import path

from ops import views

app_name = "ops"
urlpatterns = [
    path("", views.home, name="home"),
    path("parts/<slug:name>/", views.part, name="part"),
]
