"""The open pipeline: the deals in play that may still cover what is missing of a quota."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import F, Q, Sum, Value
from django.db.models.functions import Round
from django.urls import reverse

from common.access import AnyOf, Reach
from common.calendars import Span
from common.models import Rate
from pipeline.models import Category, Opportunity
from pipeline.selectors.opportunities import AMOUNT, factors, worth
from territories.selectors import places_on
from territories.selectors.trees import tree_of

COUNTED = tuple(
    one.value for one in (Category.COMMIT, Category.MOST_LIKELY, Category.BEST_CASE, Category.PIPELINE)
)
"""The categories that count, the surest first: an omitted deal covers nothing."""
COUNTING = "counted"
"""The filter of the deals of one of them."""


@dataclass(frozen=True)
class OpenPart:
    """What the open deals of one owner, territory and category come to, in plan money."""

    owner_id: int
    territory_id: int
    category: str
    plan_minor: int


def open_pipeline(mine: Reach, span: Span, on: date, family_id: int | None = None) -> list[OpenPart]:
    """The open deals in reach that close in a period, from that day on: whose close date has passed covers nothing.

    Each is converted and rounded for itself; without an amount or a rate it adds nothing. Of a family the lines of its
    products count, each for itself.
    """
    if span.stop <= on:
        return []
    rows = Opportunity.objects.visible_to(mine).open().filter(category__in=COUNTED)
    rows = rows.filter(close_on__gte=max(span.start, on), close_on__lt=span.stop)
    amount = AMOUNT
    if family_id:
        rows = rows.filter(lines__is_removed=False, lines__product__family=family_id)
        amount = F("lines__amount_minor")
    keys = ("owner_id", "territory_id", "category")
    plan = Sum(Round(worth(factors(Rate.Kind.PLAN, on), amount)))
    sums = rows.order_by().values(*keys).annotate(total=plan).values_list(*keys, "total")
    return [OpenPart(owner, place, category, int(total or 0)) for owner, place, category, total in sums]


def seated(nodes: Collection[int] | None, day: date) -> Q:
    """What makes a deal one of those who sit on these nodes on that day, each once; who sits nowhere counts
    where the account is. Without nodes any deal.
    """
    if nodes is None:
        return Q()
    places = places_on(day, tree_of(day).places)
    within, owner = set(nodes), F("owner_id")
    here = [person for person, place in places.items() if place in within]
    sits_somewhere = AnyOf(owner, Value(list(places)))
    return Q(AnyOf(owner, Value(here))) | Q(territory__in=within) & ~Q(sits_somewhere)


def counting_url(
    span: Span,
    on: date,
    category: str = COUNTING,
    *,
    node_id: int | None,
    owner_id: int | None,
    by_seat: bool,
) -> str:
    """The list of the open deals that count in a period, from that day on: of a node and all below it by where their
    owners sit (`by_seat`) or where their accounts are; of one owner by account those of the node itself.
    """
    place = "team" if by_seat else "territory" if owner_id else "within"
    query = {
        place: node_id,
        "owner": owner_id,
        "category": category,
        "from": max(on, span.start).isoformat(),
        "to": span.last_day.isoformat(),
    }
    asked = urlencode({name: value for name, value in query.items() if value})
    return f"{reverse('opportunity_list')}?{asked}"
