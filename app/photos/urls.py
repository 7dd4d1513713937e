"""URLs of the gallery."""

from django.urls import path

from photos import views

app_name = "photos"
urlpatterns = [path("", views.home, name="home")]
