"""URLs of the ledger."""

from django.urls import path

from ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.create, name="create"),
    path("summary/", views.summary, name="summary"),
]
