"""The history of a deal in words: who changed which field when, and from where."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from accounts.models import Account
from catalog.models import Product
from common.locale import format_date, format_money, format_number
from pipeline.models import Category, Motion, Opportunity, Stage
from territories.models import Territory, User

MOST_EVENTS = 200
FIELDS = (
    "name",
    "account_id",
    "owner_id",
    "territory_id",
    "stage_id",
    "category",
    "category_is_manual",
    "motion",
    "currency",
    "amount_minor",
    "close_on",
    "next_step",
    "next_step_on",
    "lost_reason",
    "closed_on",
)
NAMED: dict[str, type[Model]] = {
    "account_id": Account,
    "owner_id": User,
    "territory_id": Territory,
    "stage_id": Stage,
    "product_id": Product,
}


@dataclass(frozen=True)
class Change:
    """One line of a history: a sentence, or a field with its value before and after; by whom and when."""

    at: datetime
    by: str
    text: str = ""
    field: StrOrPromise = ""
    before: str = ""
    after: str = ""


def history(deal: Opportunity) -> list[Change]:
    """What happened to a deal and its lines, latest first, as far back as is kept on one page."""
    events = _events("pipeline.OpportunityEvent", pgh_obj_id=deal.pk)
    lines = _events("pipeline.OpportunityLineEvent", opportunity_id=deal.pk)
    names = _names([*events, *lines])
    changes = [*_of_deal(events, names), *_of_lines(lines, names, deal.currency)]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _events(model: str, **which: int) -> list[Any]:
    newest = apps.get_model(model)._default_manager.filter(**which).order_by("-pgh_id")[:MOST_EVENTS]
    return list(reversed(newest))


def last_change(deal: Opportunity) -> tuple[str, datetime | None]:
    """Who changed a deal last, and when: what a stale form tells."""
    events = apps.get_model("pipeline.OpportunityEvent")._default_manager.filter(pgh_obj_id=deal.pk)
    event = events.order_by("-pgh_id").first()
    return (_who(event, _names([event])), event.pgh_created_at) if event else ("", None)


Names = Mapping[str, Mapping[int, str]]


def _names(events: Iterable[Any]) -> Names:
    """The names of everybody and everything that the events mention, by kind; one query each."""
    wanted: dict[str, set[int]] = {"by": set()}
    for event in events:
        if event.pgh_context.get("by"):
            wanted["by"].add(event.pgh_context["by"])
        for name in NAMED:
            if getattr(event, name, None):
                wanted.setdefault(name, set()).add(getattr(event, name))
    models: dict[str, type[Model]] = {"by": User, **NAMED}
    return {
        kind: {row.pk: str(row) for row in models[kind]._default_manager.filter(pk__in=ids)}
        for kind, ids in wanted.items()
    }


def _of_deal(events: list[Any], names: Names) -> Iterator[Change]:
    if events and events[0].pgh_label == "insert":
        yield _line(
            events[0], names, text=_("Opened in %(stage)s, worth %(amount)s") % _opening(events[0], names)
        )
    for before, after in pairwise(events):
        for name in FIELDS:
            if getattr(before, name) != getattr(after, name):
                yield _changed(name, before, after, names)


def _opening(event: Any, names: Names) -> dict[str, str]:
    return {
        "stage": names["stage_id"].get(event.stage_id, ""),
        "amount": format_money(event.amount_minor, event.currency),
    }


def _changed(name: str, before: Any, after: Any, names: Names) -> Change:
    if name == "category_is_manual":
        by_hand, by_stage = _("Forecast category set by hand"), _("Forecast category follows the stage")
        return _line(after, names, text=by_hand if after.category_is_manual else by_stage)
    label = getattr(Opportunity._meta.get_field(name.removesuffix("_id")), "verbose_name", name)
    values = [_value(name, event, names) for event in (before, after)]
    return _line(after, names, field=str(label).capitalize(), before=values[0], after=values[1])


def _value(name: str, event: Any, names: Names) -> str:
    value = getattr(event, name)
    if value is None or value == "":
        return ""
    if name in NAMED:
        return names[name].get(value, _("not yours to see"))
    if name == "amount_minor":
        return format_money(value, event.currency)
    if name.endswith("_on"):
        return format_date(value)
    labels = {"category": Category, "motion": Motion}
    return str(labels[name](value).label) if name in labels else str(value)


def _of_lines(events: list[Any], names: Names, currency: str) -> Iterator[Change]:
    latest: dict[int, Any] = {}
    for event in events:
        before = latest.get(event.pgh_obj_id)
        latest[event.pgh_obj_id] = event
        yield _line_changed(before, event, names, currency)


def _line_changed(before: Any, after: Any, names: Names, currency: str) -> Change:
    product = names["product_id"].get(after.product_id, "")
    if after.is_removed:
        return _line(after, names, text=_("Removed %(product)s") % {"product": product})
    now = _quantity(after, currency)
    if before is None:
        return _line(after, names, text=_("Added %(product)s: %(line)s") % {"product": product, "line": now})
    return _line(after, names, field=product, before=_quantity(before, currency), after=now)


def _quantity(event: Any, currency: str) -> str:
    price = format_money(event.price_minor, currency)
    return _("%(quantity)s at %(price)s") % {"quantity": format_number(event.quantity), "price": price}


def _line(event: Any, names: Names, **words: Any) -> Change:
    return Change(event.pgh_created_at, _who(event, names), **words)


def _who(event: Any, names: Names) -> str:
    """The person, and from where; what the product did itself says why."""
    person, why = event.pgh_context.get("by"), event.pgh_context.get("why", "")
    if person is None:
        return _("Automatic: %(why)s") % {"why": why}
    name = names["by"].get(person, "")
    return _("%(name)s, through the API") % {"name": name} if " /api/" in why else name
