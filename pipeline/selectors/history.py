"""The history of a deal and its products in words: who changed what when."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.models import Product
from common.history import MOST, Change, actor_of, history_of, names_of, people_of
from common.locale import format_exact, format_money, format_number
from pipeline.models import Opportunity, StageVisit

FIELDS = (
    "name account owner territory stage category category_is_manual motion currency amount_minor close_on "
    "next_step next_step_on lost_reason closed_on"
).split()


def history(deal: Opportunity) -> list[Change]:
    """What happened to a deal and its products, latest first."""
    changes = [*history_of(deal, FIELDS, deal.currency, {"stage": StageNames(deal).at}), *_lines(deal)]
    return sorted(changes, key=lambda change: change.at, reverse=True)


class StageNames:
    """What the stages that a deal was in were called, and when."""

    def __init__(self, deal: Opportunity) -> None:
        events, deals = (apps.get_model(f"pipeline.{name}Event") for name in ("Stage", "Opportunity"))
        was_in = deals._default_manager.filter(pgh_obj_id=deal.pk).values("stage_id")
        passed = StageVisit.objects.filter(opportunity=deal).order_by().values("stage_id")
        rows = events._default_manager.filter(Q(pgh_obj_id__in=was_in) | Q(pgh_obj_id__in=passed))
        self.names: dict[int, list[tuple[datetime, str]]] = {}
        for pk, at, name in rows.order_by("pgh_id").values_list("pgh_obj_id", "pgh_created_at", "name"):
            self.names.setdefault(pk, []).append((at, name))

    def at(self, stage_id: int, instant: datetime) -> str:
        """The name of that instant; the first one that is known where it is before that, empty where none is."""
        known = self.names.get(stage_id, [])
        before = [name for at, name in known if at <= instant]
        return before[-1] if before else (known[0][1] if known else "")


def _lines(deal: Opportunity) -> Iterator[Change]:
    """The changes of the deal's lines; one that came to the page without its beginning is told from then on."""
    rows = apps.get_model("pipeline.OpportunityLineEvent")._default_manager.filter(opportunity_id=deal.pk)
    events = list(reversed(rows.order_by("-pgh_id")[:MOST]))
    products = names_of(Product, {event.product_id for event in events})
    people = people_of(events)
    before: dict[int, Any] = {}
    for event in events:
        words = _words(before.get(event.pgh_obj_id), event, products, deal.currency)
        before[event.pgh_obj_id] = event
        yield Change(**actor_of(event, people), **words)


def _words(before: Any, after: Any, products: Mapping[Any, str], currency: str) -> dict[str, Any]:
    product, now = products.get(after.product_id, ""), _quantity(after, currency)
    if after.is_removed:
        return {"text": _("Removed %(product)s") % {"product": product}}
    if before is None:
        return {"text": _("Added %(product)s: %(line)s") % {"product": product, "line": now}}
    return {"field": product, "before": _quantity(before, currency), "after": now}


def _quantity(event: Any, currency: str) -> str:
    """How many at which price, and what else was agreed; of a bundle's line, what of its price is the line's."""
    if event.part_minor is not None:
        part = {"part": format_money(event.part_minor, currency), "number": format_number(event.quantity)}
        return _("%(number)s for %(part)s of a bundle") % part
    price = format_money(event.price_minor, currency)
    said = _("%(quantity)s at %(price)s") % {"quantity": format_number(event.quantity), "price": price}
    if event.discount:
        said = _("%(line)s less %(discount)s %%") % {"line": said, "discount": format_exact(event.discount)}
    if event.term_months:
        said = _("%(line)s for %(months)s months") % {"line": said, "months": event.term_months}
    return said
