"""What changed on a row, when, by whom and why: read from its history rows, newest first."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common import locale
from common.transaction import context, kept

MOST = 60
# What the transaction of a request says as its why: an address, and nobody's reason.
REQUEST = re.compile("[A-Z]+ /")


@dataclass(frozen=True)
class Change:
    """A line of a history: a sentence, or one field of one edit; `mark` where what it says no longer stands."""

    at: datetime
    by: str
    why: str = ""
    text: str = ""
    field: str = ""
    before: str = ""
    after: str = ""
    mark: str = ""

    @property
    def reason(self) -> str:
        """The why that somebody gave; empty where it is an address, or told already."""
        return "" if REQUEST.match(self.why) or self.why in self.by else self.why


Called = Callable[[Any, datetime], str]
"""What the row with an id was called at an instant."""
Parts = Callable[[Any, Any], Iterable[tuple[str, str, str]]]
"""What differs between two values of a column that holds several things: of each its label, before and after."""


def history_of(
    row: models.Model,
    fields: Sequence[str],
    currency: str = "",
    called: Mapping[str, Called] | None = None,
    most: int | None = MOST,
    parts: Mapping[str, Parts] | None = None,
) -> list[Change]:
    """The changes of `fields`, newest first. Amounts are in `currency`; references the reader may not see show as —.

    `called` tells by field how to name what a reference means at the time of the change, where that may have changed;
    `parts` tells the changes of a column that holds several things.
    `most`: of how many edits; None for all.
    """
    events = list(row.history.order_by("-pgh_id")[: most and most + 1])  # type: ignore[attr-defined]
    shown: list[Any] = [row._meta.get_field(name) for name in fields]
    for field in shown:
        if (
            isinstance(field, models.ForeignKey)
            and field.is_cached(row)
            and (now := getattr(row, field.name))
        ):
            _names(field.related_model)[now.pk] = str(now)
    people = people_of(events)
    names = {
        field.name: names_of(field.related_model, {getattr(event, field.attname) for event in events})
        for field in shown
        if isinstance(field, models.ForeignKey) and field.name not in (called or {})
    }

    def differing(newer: Any, older: Any, field: Any) -> Iterable[tuple[str, str, str]]:
        if part := (parts or {}).get(field.name):
            yield from part(getattr(older, field.attname), getattr(newer, field.attname))
        else:
            before, after = (
                _at(newer, field, event, called) or text_of(field, event, names.get(field.name), currency)
                for event in (older, newer)
            )
            yield capfirst(str(field.verbose_name)), before, after

    changes = [
        Change(**actor_of(newer, people), field=label, before=before, after=after)
        for newer, older in pairwise(events)
        for field in shown
        if getattr(newer, field.attname) != getattr(older, field.attname)
        for label, before, after in differing(newer, older, field)
    ]
    if events and events[-1].pgh_label == "insert":
        changes.append(Change(**actor_of(events[-1], people), text=_("Created")))
    return changes


def _at(change: Any, field: Any, event: Any, called: Mapping[str, Called] | None) -> str:
    """What a reference was called when it changed; empty where its present name does."""
    tell = (called or {}).get(field.name)
    return tell(getattr(event, field.attname), change.pgh_created_at) if tell else ""


def recorded(
    rows: Sequence[Any], words: Callable[[Any], str], mark: Callable[[Any], str] | None = None
) -> list[Change]:
    """A line for each of these dated rows: its `words`, by whom and when, and `mark`, else who withdrew it."""
    ids = {pk for row in rows for pk in (row.recorded_by_id, row.superseded_by_id)}
    people = names_of(get_user_model(), ids)
    return [
        Change(
            row.recorded_at,
            _who(row.recorded_by_id, people),
            text=words(row),
            mark=mark(row) if mark else _withdrawn(row, people),
        )
        for row in rows
    ]


def _who(person: int | None, people: Mapping[Any, str]) -> str:
    return people.get(person, _("the system"))


def _withdrawn(row: Any, people: Mapping[Any, str]) -> str:
    """Who took the row back or replaced it, when, and the reason that was typed; empty while it stands."""
    if row.superseded_at is None:
        return ""
    values = {"by": _who(row.superseded_by_id, people), "at": locale.format_instant(row.superseded_at)}
    why = "" if REQUEST.match(row.superseded_why) else row.superseded_why
    return with_reason(_("Withdrawn by %(by)s · %(at)s") % values, why)


def with_reason(text: str, reason: str) -> str:
    return f"{text}: {reason}" if reason else text


def text_of(field: Any, event: Any, names: Mapping[Any, str] | None, currency: str) -> str:
    """A field of an event as a reader sees it; `names` are those of the rows that it refers to."""
    value = getattr(event, field.attname)
    if value is None or value == "":
        return locale.UNDEFINED
    if names is not None:
        return names.get(value, locale.UNDEFINED)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.name.endswith("_minor"):
        return locale.format_money(value, getattr(event, "currency", currency))
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return locale.format_instant(value)
    return locale.format_date(value) if isinstance(value, date) else str(value)


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
    """The names of these rows, as far as the reader may see them; each is read once in a transaction."""
    known, wanted = _names(model), ids - {None}
    if unknown := wanted - known.keys():
        known.update(dict.fromkeys(unknown))
        known.update((row.pk, str(row)) for row in model._default_manager.filter(pk__in=unknown))
    return {pk: name for pk in wanted if (name := known[pk]) is not None}


def _names(model: Any) -> dict[Any, str | None]:
    """The names that were read so far with what may be seen now; None of rows that may not."""
    return kept(("names", model, context().grants()), dict[Any, str | None])
