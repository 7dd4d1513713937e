"""Notes and tally for staff."""

from django.contrib import admin

from notes.models import Note, Tally


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    list_display = ["key", "created", "sent", "processed", "runs"]
    search_fields = ["key"]


@admin.register(Tally)
class TallyAdmin(admin.ModelAdmin):
    list_display = ["waiting", "processed", "looks", "looked"]
