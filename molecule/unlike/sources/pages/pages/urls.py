"""The pages."""

from django.urls import path

from pages import views

urlpatterns = [
    path("", views.index),
    path("wait/", views.wait),
    path("guarded/<slug:name>/", views.guarded),
]
