"""The page on which a row is edited: filled from the row, and with both versions where somebody else was faster."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.errors import Stale
from common.forms import take_version
from common.history import history_of
from common.http import form_page, perform, person_id, sent
from common.pickers import PickField


class Edit:
    """One request to edit `row` by `act`, in a form whose fields are named as the row's columns.

    A form that is filled from further columns names them in `besides`.
    """

    def __init__(
        self, request: HttpRequest, form: type[forms.Form], row: Any, act: Callable[..., Any], **ids: int
    ) -> None:
        self.request, self.kind, self.row = request, form, row
        self.form = form(sent(request), initial=self._saved())
        perform(self.form, act, by=person_id(), **ids)
        self.is_saved = self.form.is_bound and not self.form.errors
        if self.is_saved:
            messages.success(request, _("Saved."))

    def page(self, template: str, **context: Any) -> HttpResponse:
        """The form, as read or as it came back."""
        conflict = conflict_of(self.form, lambda: self.kind(initial=self._saved()), self.row)
        return form_page(self.request, template, self.form, conflict=conflict, **context)

    def _saved(self) -> dict[str, Any]:
        besides = getattr(self.kind, "besides", ())
        return {name: getattr(self.row, name) for name in (*self.kind.base_fields, *besides)}


@dataclass(frozen=True)
class Conflict:
    """What differs between the saved and the typed version, and who saved it when; for `components/conflict.html`."""

    rows: list[dict[str, Any]]
    by: str
    at: datetime | None


def conflict_of(form: forms.Form, saved: Callable[[], forms.Form], row: Any) -> Conflict | None:
    """The conflict of a form that came back stale, else None; the form can then be sent again.

    `row` is read again, and `saved` then makes the same form filled from it.
    """
    if not isinstance(getattr(form, "refusal", None), Stale):
        return None
    row.refresh_from_db()
    take_version(form, row.version)
    latest = next(iter(history_of(row, ["version"])), None)
    rows = _differences(form, saved())
    return Conflict(rows, latest.by if latest else "", latest.at if latest else None)


def _differences(typed: forms.Form, saved: forms.Form) -> list[dict[str, Any]]:
    """The visible fields in which what was typed means something else than what is saved now."""
    rows = [
        {"label": field.label, "theirs": _shown(saved[field.name]), "yours": _shown(field)}
        for field in typed.visible_fields()
        if typed.cleaned_data.get(field.name, field) != saved[field.name].initial
    ]
    return [row for row in rows if row["theirs"] != row["yours"]]


def _shown(field: forms.BoundField) -> str:
    """A field's value as a reader sees it: the label of a choice, the text of the rest."""
    value = field.value()
    if isinstance(field.field, PickField):
        return field.field.shown(value)
    labels = {str(key): str(label) for key, label in getattr(field.field, "choices", [])}
    return labels.get(str(value), "") if labels else str(value if value is not None else "")
