"""What a note may be."""

from django import forms

from notes.models import Note


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ["key", "text", "attachment", "seconds"]

    def clean_seconds(self):
        """Return the seconds; 0 where there are none."""
        return self.cleaned_data["seconds"] or 0
