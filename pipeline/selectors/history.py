"""The history of a deal and its products in words: who changed what when."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from catalog.models import Product
from common.history import MOST, Change, actor_of, history_of, names_of, people_of
from common.locale import format_money, format_number
from pipeline.models import Opportunity

FIELDS = (
    "name account owner territory stage category category_is_manual motion currency amount_minor close_on "
    "next_step next_step_on lost_reason closed_on"
).split()


def history(deal: Opportunity) -> list[Change]:
    """What happened to a deal and its products, latest first."""
    changes = [*history_of(deal, FIELDS, deal.currency), *_lines(deal)]
    return sorted(changes, key=lambda change: change.at, reverse=True)


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
    price = format_money(event.price_minor, currency)
    return _("%(quantity)s at %(price)s") % {"quantity": format_number(event.quantity), "price": price}
