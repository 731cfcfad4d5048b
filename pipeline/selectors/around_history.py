"""The history of what is known around a deal: stakeholders, competitors, requirements, concessions."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.db.models import F, ForeignKey, OuterRef, QuerySet, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.history import Change, actor_of, people_of, text_of
from common.locale import UNDEFINED
from pipeline.models import Opportunity

SHOWN: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Stakeholder": ("contact", ("role", "stance", "note")),
    "Competitor": ("name", ("name", "strategy", "is_incumbent")),
    "Requirement": ("text", ("text", "kind", "state")),
    "Concession": ("text", ("text", "kind", "reason", "in_return", "worth_minor", "given_on")),
}
"""By kind of row: the column that names it, and what people change of it."""


def around(deal: Opportunity, most: int | None) -> Iterator[Change]:
    """What was added, changed and removed around a deal."""
    for name, (title, fields) in SHOWN.items():
        yield from _of(name, title, fields, deal, most)


def _events(name: str, deal: Opportunity) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model(f"pipeline.{name}Event")._default_manager.filter(
        opportunity_id=deal.pk
    )
    return rows


def _of(
    name: str, title: str, fields: tuple[str, ...], deal: Opportunity, most: int | None
) -> Iterator[Change]:
    model: Any = apps.get_model(f"pipeline.{name}")
    named = model._meta.get_field(title)
    rows = _events(name, deal).annotate(called=_called(named))
    events = list(reversed(rows.order_by("-pgh_id")[:most]))
    if not events:
        return
    people = people_of(events)
    kind = capfirst(str(model._meta.verbose_name))
    before: dict[int, Any] = {}
    changed = [model._meta.get_field(one) for one in fields]
    for event in events:
        called = f"{kind} {event.called or UNDEFINED}"
        for words in _words(before.get(event.pgh_obj_id), event, called, changed, deal):
            yield Change(**actor_of(event, people), **words)
        before[event.pgh_obj_id] = event


def _called(named: Any) -> Any:
    """What names a row: a text of its own, or the name of another row as far as the reader may see it."""
    if not isinstance(named, ForeignKey):
        return F(named.name)
    found: Any = named.related_model
    return Subquery(found._default_manager.filter(pk=OuterRef(named.attname)).values("name")[:1])


def _words(
    before: Any, after: Any, called: str, fields: list[Any], deal: Opportunity
) -> Iterator[dict[str, Any]]:
    """What one edit says: that the row came, went or came back, else each of its fields."""
    if before is None or before.is_removed != after.is_removed:
        said = _("Removed: %(name)s") if after.is_removed else _("Added: %(name)s")
        yield {"text": said % {"name": called}}
        return
    for field in fields:
        if getattr(before, field.attname) != getattr(after, field.attname):
            old, new = (text_of(field, event, None, deal.currency) for event in (before, after))
            yield {"field": f"{called}, {field.verbose_name}", "before": old, "after": new}
