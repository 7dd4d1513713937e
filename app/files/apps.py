"""Files that tasks make and visitors get, on whichever hosts the two run."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Files below MEDIA_ROOT whose content is in the database as well."""

    name = "files"
