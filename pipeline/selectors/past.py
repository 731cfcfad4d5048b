"""The list of deals as they stood at the end of a past day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Round
from django.utils.translation import gettext as _

from common.access import Reach
from common.http import BadQuery
from common.models import Rate
from common.selectors import the_organisation
from pipeline.models import Opportunity, Standing, StandingQuerySet
from pipeline.selectors import opportunities as deals
from pipeline.selectors.opportunities import Filters

KEPT = (
    "state",
    "stage_id",
    "category",
    "owner_id",
    "territory_id",
    "territory_id__in",
    "close_on__gte",
    "close_on__lt",
)
"""The filters of the list that a past day can answer."""


@dataclass(frozen=True)
class Total:
    """What the deals of one currency are worth, and how many they are."""

    currency: str
    deals: int
    amount_minor: int


@dataclass(frozen=True)
class Totals:
    """What all deals of a list are worth: by currency, and in the reporting currency at the booked rates of the day.

    `worth_minor` is None where a currency had no rate on that day.
    """

    by_currency: list[Total]
    worth_minor: int | None

    @property
    def deals(self) -> int:
        return sum(total.deals for total in self.by_currency)


def stood(mine: Reach, filters: Filters, day: date) -> StandingQuerySet:
    """How the deals in reach stood at the end of that day, those that pass the filters. Raises BadQuery for others.

    What the reader may not see today they do not see in the past. What was merged into another deal is left out.
    """
    unknown = sorted(filters.columns.keys() - set(KEPT))
    if unknown or filters.attention not in ("", "overdue"):
        name = unknown[0].removesuffix("_id") if unknown else "attention"
        raise BadQuery(_("Of a past day this is not known. Leave that filter out."), path=name)
    rows: StandingQuerySet = Standing.objects.visible_to(mine).on(day).standing().filter(**filters.columns)
    if filters.attention:
        rows = rows.filter(state=Opportunity.State.OPEN, close_on__lt=day)
    # By names of today, and by the owner of that day.
    return rows.filter(deals.named(mine, filters.text, "opportunity__")) if filters.text else rows


def sorted_by(rows: StandingQuerySet, sort: str, day: date) -> tuple[QuerySet[Any], Sequence[str]]:
    """The rows with what they are sorted by, and the names of those columns for keyset pages."""
    return deals.sorted_by(rows.annotate(name_key=F("opportunity__name_key")), sort, day)


def totals(rows: StandingQuerySet, day: date) -> Totals | None:
    """What the rows come to; None where they are too many to be added up at once."""
    if deals.too_many_to_sort(rows):
        return None
    rates, reporting = deals.factors(Rate.Kind.BOOKED, day), the_organisation().reporting_currency
    sums = rows.order_by().values("currency")
    sums = sums.annotate(
        deals=Count("pk"), minor=Sum("amount_minor"), worth_minor=Sum(Round(deals.worth(rates)))
    )
    found = sorted(sums, key=lambda row: (row["currency"] != reporting, row["currency"]))
    is_known = all(row["currency"] in rates for row in found if row["minor"])
    return Totals(
        [Total(row["currency"], row["deals"], row["minor"] or 0) for row in found],
        int(sum(row["worth_minor"] or 0 for row in found)) if is_known else None,
    )
