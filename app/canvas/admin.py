"""Widgets in the admin; runs have their own page."""

from django.contrib import admin

from canvas.models import Widget


@admin.register(Widget)
class WidgetAdmin(admin.ModelAdmin):
    """Add, rename and remove widgets."""

    list_display = ("id", "name")
    search_fields = ("name",)
