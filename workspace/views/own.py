"""The company's own fields, kind of record by kind of record: administrators keep them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.editing import Edit
from common.errors import NotInReach
from common.history import history_of
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from workspace.forms.own import (
    OwnFieldEditForm,
    OwnFieldForm,
    OwnFieldMoveForm,
    OwnFieldRetireForm,
    preview_of,
)
from workspace.models import MOST_FIELDS, OwnField
from workspace.selectors.own import choice_changes, fields_of
from workspace.services import own as services

TOLD = ["label", "sight", "is_required", "is_column", "choices", "position"]


@require_safe
@may("own_field", "update")
def own_field_list(request: HttpRequest, subject: str) -> HttpResponse:
    """What do we want to know of them that the product does not ask?"""
    strict_query(request)
    chosen, rows = _subject(subject), list(fields_of(subject))
    context = {
        "subject": chosen,
        "tabs": [
            {"label": one.label, "url": reverse("own_field_list", args=[one.value]), "active": one == chosen}
            for one in OwnField.Subject
        ],
        "fields": [row for row in rows if not row.is_retired],
        "retired": [row for row in rows if row.is_retired],
        "most": MOST_FIELDS,
        "preview": preview_of(subject),
    }
    return render(request, "workspace/own_field_list.html", context)


@FORM
@may("own_field", "update")
def own_field_create(request: HttpRequest, subject: str) -> HttpResponse:
    chosen, form = _subject(subject), OwnFieldForm(sent(request))
    if row := perform(form, services.add_own_field, by=person_id(), subject=subject):
        messages.success(request, _("%(label)s is asked for now.") % {"label": row.label})
        return redirect("own_field_list", subject)
    return form_page(request, "workspace/own_field_create.html", form, subject=chosen)


@FORM
@may("own_field", "update")
def own_field_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = services.own_field_of(pk)
    edit = Edit(request, OwnFieldEditForm, row, services.edit_own_field, field_id=pk)
    if edit.is_saved:
        return redirect("own_field_list", row.subject)
    history = history_of(row, TOLD, parts={"choices": choice_changes})
    return edit.page("workspace/own_field_edit.html", row=row, history=history)


@require_POST
@may("own_field", "update")
def own_field_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a field before or behind others."""
    return _changed(request, pk, OwnFieldMoveForm(request.POST), services.place_own_field)


@require_POST
@may("own_field", "update")
def own_field_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a field out of forms and lists, or use it again."""
    return _changed(request, pk, OwnFieldRetireForm(request.POST), services.retire_own_field)


def _changed(request: HttpRequest, pk: int, form: forms.Form, act: Callable[..., Any]) -> HttpResponse:
    """Back to the fields, with what was refused above them."""
    row = services.own_field_of(pk)
    if not perform(form, act, by=person_id(), field_id=pk):
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
    return redirect("own_field_list", row.subject)


def _subject(name: str) -> OwnField.Subject:
    if name not in OwnField.Subject.values:
        raise NotInReach()
    return OwnField.Subject(name)
