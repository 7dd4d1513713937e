"""URLs of the page and of its API."""

from django.urls import path

from tasks import views

app_name = "tasks"
urlpatterns = [
    path("", views.home, name="home"),
    path("tasks/", views.create, name="create"),
    path("tasks/<str:task_id>/", views.detail, name="detail"),
    path("tasks/<str:task_id>/cancel/", views.cancel, name="cancel"),
]
