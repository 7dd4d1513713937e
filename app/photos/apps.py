"""The newest photo of a public feed, every quarter of an hour."""

from django.apps import AppConfig


class PhotosConfig(AppConfig):
    """The photos that were saved, and their gallery."""

    name = "photos"
    navigation = (("Photos", "photos:home", False),)
