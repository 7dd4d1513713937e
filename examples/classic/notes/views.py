"""A page of the newest notes; programs send notes, and ask what became of them."""

from django.db import IntegrityError
from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from notes.forms import NoteForm
from notes.models import Note, Tally
from notes.tasks import send


@require_GET
def index(request):
    """Show the newest notes."""
    return render(request, "notes/index.html", {"notes": Note.objects.all()[:20], "tally": Tally.objects.first()})


# For programs, which have no cookie that a foreign page could abuse.
@csrf_exempt
@require_POST
def add(request):
    """Keep a note and start its task: 202; what is wrong with it: 400. A key is taken once."""
    form = NoteForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors.get_json_data()}, status=400)
    try:
        # Committed when this returns: a worker finds the row, and resend_overdue whatever becomes of the task.
        note = form.save()
    except IntegrityError:
        form.add_error("key", "Taken by another request at this moment.")
        return JsonResponse({"errors": form.errors.get_json_data()}, status=400)
    send(note.pk)
    answer = {"key": note.key, "number": note.pk, "attachment": note.attachment.url if note.attachment else None}
    return JsonResponse(answer, status=202)


@require_GET
def summary(request):
    """What became of the notes whose key begins with ``prefix``."""
    return JsonResponse(Note.objects.summary(request.GET.get("prefix", "")))
