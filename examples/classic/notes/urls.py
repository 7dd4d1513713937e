"""The notes' own addresses."""

from django.urls import path

from notes import views

urlpatterns = [
    path("", views.index, name="index"),
    path("notes/", views.add, name="add"),
    path("notes/summary/", views.summary, name="summary"),
]
