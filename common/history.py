"""What changed on a row, when, by whom and why: read from its history rows, newest first."""

from collections.abc import Iterator, Mapping, Sequence
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
        self.people = people_of(events)
        self.references = {
            field.name: names_of(field.related_model, {getattr(event, field.attname) for event in events})
            for field in self.fields
            if isinstance(field, models.ForeignKey)
        }

    def beginning(self, event: Any) -> Change:
        return Change(**actor_of(event, self.people), text=_("Created"))

    def between(self, newer: Any, older: Any) -> Iterator[Change]:
        for field in self.fields:
            before, after = getattr(older, field.attname), getattr(newer, field.attname)  # type: ignore[union-attr]
            if before != after:
                yield Change(
                    **actor_of(newer, self.people),
                    field=capfirst(str(field.verbose_name)),  # type: ignore[union-attr]
                    before=self._text(field, before, older),
                    after=self._text(field, after, newer),
                )

    def _text(self, field: Any, value: Any, event: Any) -> str:
        if value is None or value == "":
            return locale.UNDEFINED
        if field.name in self.references:
            return self.references[field.name].get(value, locale.UNDEFINED)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        return self._plain(field, value, getattr(event, "currency", self.currency))

    def _plain(self, field: Any, value: Any, currency: str) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return locale.format_instant(value)
        if isinstance(value, date):
            return locale.format_date(value)
        if field.name.endswith("_minor"):
            return locale.format_money(value, currency)
        return str(value)


def people_of(events: Sequence[Any]) -> dict[Any, str]:
    """The names of those who made the events."""
    return names_of(get_user_model(), {event.pgh_context.get("by") for event in events})


def actor_of(event: Any, people: Mapping[Any, str]) -> dict[str, Any]:
    """Who made an event when and why; what no person asked for says why instead of who."""
    why, person = event.pgh_context.get("why") or "", event.pgh_context.get("by")
    by = people.get(person, "") if person else _("Automatic: %(why)s") % {"why": why}
    if " /api/" in why:
        by = _("%(name)s, through the API") % {"name": by}
    return {"at": event.pgh_created_at, "by": by, "why": why}


def names_of(model: Any, ids: set[Any]) -> dict[Any, str]:
    """The names of these rows, as far as the reader may see them."""
    found = model._default_manager.filter(pk__in=ids - {None})
    return {row.pk: str(row) for row in found}
