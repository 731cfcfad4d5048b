"""Undoing an import with one click."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.errors import NotInReach, Refused
from common.http import may, person_id
from imports import services


@require_POST
@may("import_batch", "draft")
def batch_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back; what speaks against it is shown with the imports that would have to go first."""
    try:
        services.undo_batch(by=person_id(), batch_id=pk)
    except NotInReach:
        raise
    except Refused as refusal:
        shown = {"refusal": refusal, "first": getattr(refusal, "first", []), "batch_id": pk}
        return render(request, "imports/batch_undo.html", shown, status=refusal.status)
    messages.success(request, _("The import is undone. Everything is as it was before."))
    return redirect("batch_detail", pk)
