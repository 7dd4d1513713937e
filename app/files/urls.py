"""MEDIA_URL."""

from django.urls import path

from files import views

app_name = "files"
urlpatterns = [path("<path:name>", views.media, name="media")]
