"""The values that forms offer, list by list: administrators keep them."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from common.editing import Edit
from common.errors import NotInReach
from common.history import history_of
from common.http import FORM, form_page, may, perform, person_id, sent, strict_query
from common.locale import format_number
from workspace import services
from workspace.forms.lists import (
    ListValueEditForm,
    ListValueForm,
    ListValueMergeForm,
    ListValueMoveForm,
    ListValueOfferForm,
)
from workspace.models import ListValue
from workspace.selectors.lists import place_of, use_of, uses
from workspace.services.lists import value_of


@require_safe
@may("list_value", "update")
def list_value_list(request: HttpRequest, name: str) -> HttpResponse:
    """A list in its order, with what is not offered any more."""
    strict_query(request)
    chosen, found = _list(name), uses(name)
    context = {
        "list": chosen,
        "values": [use for use in found if not use.row.merged_into_id],
        "merged": [use for use in found if use.row.merged_into_id],
        "is_by_date": name in ListValue.BY_DATE,
    }
    return render(request, "workspace/list_value_list.html", context)


@FORM
@may("list_value", "update")
def list_value_create(request: HttpRequest, name: str) -> HttpResponse:
    chosen, form = _list(name), ListValueForm(sent(request))
    if row := perform(form, services.add_value, by=person_id(), name=name):
        messages.success(request, _("%(value)s is offered now.") % {"value": row.value})
        return redirect("list_value_list", name)
    return form_page(request, "workspace/list_value_create.html", form, list=chosen)


@FORM
@may("list_value", "update")
def list_value_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = value_of(pk)
    row.place = place_of(row)  # type: ignore[attr-defined]
    edit = Edit(request, ListValueEditForm, row, services.rename_value, value_id=pk)
    if edit.is_saved:
        return redirect("list_value_list", row.list)
    history = history_of(row, ["value", "is_offered", "merged_into"])
    return edit.page("workspace/list_value_edit.html", row=row, history=history)


@FORM
@may("list_value", "update")
def list_value_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let all that holds a value hold another one."""
    row = value_of(pk)
    form = ListValueMergeForm(sent(request), row=row)
    number = perform(form, services.merge_value, by=person_id(), value_id=pk)
    if number is None:
        return form_page(request, "workspace/list_value_merge.html", form, row=row, use=use_of(row))
    text = ngettext(
        "Merged. %(number)s record was changed.", "Merged. %(number)s records were changed.", number
    )
    messages.success(request, text % {"number": format_number(number)})
    return redirect("list_value_list", row.list)


@require_POST
@may("list_value", "update")
def list_value_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a value at a place of its list."""
    return _changed(request, pk, ListValueMoveForm(request.POST), services.place_value)


@require_POST
@may("list_value", "update")
def list_value_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer a value again, or no longer."""
    return _changed(request, pk, ListValueOfferForm(request.POST), services.offer_value)


def _changed(request: HttpRequest, pk: int, form: forms.Form, act: Callable[..., Any]) -> HttpResponse:
    """Back to the list, with what was refused above it."""
    row = value_of(pk)
    if not perform(form, act, by=person_id(), value_id=pk):
        for errors in form.errors.values():
            messages.error(request, str(errors[0]))
    return redirect("list_value_list", row.list)


def _list(name: str) -> ListValue.List:
    if name not in ListValue.List.values:
        raise NotInReach()
    return ListValue.List(name)
