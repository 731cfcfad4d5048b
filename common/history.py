"""What changed on a row, when, by whom and why: read from its history rows, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common import locale

MOST = 60


@dataclass(frozen=True)
class Change:
    """One field of one edit, or the sentence that the row came to be."""

    at: datetime
    by: str
    why: str
    text: str = ""
    field: str = ""
    before: str = ""
    after: str = ""


def history_of(row: models.Model, fields: Sequence[str], currency: str = "") -> list[Change]:
    """The changes of `fields`, newest first. Amounts are in `currency`; references the reader may not see show as —."""
    events = list(row.history.order_by("-pgh_id")[: MOST + 1])  # type: ignore[attr-defined]
    shown = _Shown(row._meta.model, fields, events, currency)
    changes = [change for newer, older in pairwise(events) for change in shown.between(newer, older)]
    if events and events[-1].pgh_label == "insert":
        changes.append(shown.beginning(events[-1]))
    return changes


class _Shown:
    """Names and values of a row's fields as a reader sees them; people and references are looked up once."""

    def __init__(
        self, model: type[models.Model], fields: Sequence[str], events: Sequence[Any], currency: str
    ) -> None:
        self.fields = [model._meta.get_field(name) for name in fields]
        self.currency = currency
        self.people = _names(get_user_model(), {event.pgh_context.get("by") for event in events})
        self.references = {
            field.name: _names(field.related_model, {getattr(event, field.attname) for event in events})
            for field in self.fields
            if isinstance(field, models.ForeignKey)
        }

    def beginning(self, event: Any) -> Change:
        return Change(**self._who(event), text=_("Created"))

    def between(self, newer: Any, older: Any) -> Iterator[Change]:
        for field in self.fields:
            before, after = getattr(older, field.attname), getattr(newer, field.attname)  # type: ignore[union-attr]
            if before != after:
                yield Change(
                    **self._who(newer),
                    field=capfirst(str(field.verbose_name)),  # type: ignore[union-attr]
                    before=self._text(field, before),
                    after=self._text(field, after),
                )

    def _who(self, event: Any) -> dict[str, Any]:
        by = self.people.get(event.pgh_context.get("by"), _("the product itself"))
        return {"at": event.pgh_created_at, "by": by, "why": event.pgh_context.get("why") or ""}

    def _text(self, field: Any, value: Any) -> str:
        if value is None or value == "":
            return locale.UNDEFINED
        if field.name in self.references:
            return self.references[field.name].get(value, locale.UNDEFINED)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return self._plain(field, value)

    def _plain(self, field: Any, value: Any) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return locale.format_instant(value)
        if isinstance(value, date):
            return locale.format_date(value)
        if field.name.endswith("_minor"):
            return locale.format_money(value, self.currency)
        return str(value)


def _names(model: Any, ids: set[Any]) -> dict[Any, str]:
    found = model._default_manager.filter(pk__in=ids - {None})
    return {row.pk: str(row) for row in found}
