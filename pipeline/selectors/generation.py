"""What new pipeline some days brought: at what it was worth on its first day, and at what it is worth now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, FilteredRelation, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Round
from django.utils.translation import gettext as _

from common.access import Reach
from pipeline.models import OpportunityQuerySet
from pipeline.selectors.insight import (
    BY,
    COLUMNS,
    Asked,
    deals,
    key_in_address,
    keyed,
    labels,
    members,
    rates_now,
    valued,
)
from pipeline.selectors.opportunities import NUMBER

GENERATION_BY = {name: label for name, label in BY.items() if name in COLUMNS}


@dataclass(frozen=True)
class Generated:
    """The deals of one kind that were created: how many, their worth on their first day and now.

    `first_unvalued`, `unvalued`: without an amount or a rate on that day, and now.
    """

    key: Any
    label: str
    deals: int = 0
    first_minor: int = 0
    minor: int = 0
    first_unvalued: int = 0
    unvalued: int = 0

    @property
    def shown_key(self) -> str:
        return key_in_address(self.key)


def created(mine: Reach, asked: Asked) -> OpportunityQuerySet:
    """The deals in reach that were created in these days."""
    return deals(mine, asked).filter(asked.within("created_on"))


def generation(mine: Reach, asked: Asked, by: str, today: date) -> list[Generated]:
    """What was created, told apart; by nothing, one line."""
    rates = rates_now(today)
    rows = valued(with_first(keyed(created(mine, asked), by), rates), rates)
    sums = {
        "deals": Count("pk"),
        "first_minor_sum": Coalesce(Sum("first_minor"), Value(Decimal(0))),
        "minor_sum": Coalesce(Sum("minor"), Value(Decimal(0))),
        "first_unvalued": Count("pk", filter=Q(first_minor=None)),
        "unvalued": Count("pk", filter=Q(minor=None)),
    }
    found = list(rows.order_by().values("key").annotate(**sums))
    words = labels(by, [row["key"] for row in found])
    lines = [
        Generated(
            row["key"],
            words.get(row["key"]) or _("not said"),
            row["deals"],
            int(row["first_minor_sum"]),
            int(row["minor_sum"]),
            row["first_unvalued"],
            row["unvalued"],
        )
        for row in found
    ]
    return (
        sorted(lines, key=lambda line: (-line.first_minor, line.label))
        if by
        else lines or [Generated("", "")]
    )


def with_first(rows: QuerySet[Any], rates: Mapping[str, Decimal]) -> QuerySet[Any]:
    """The deals, each with what it was worth at the end of its first day as `first_minor`."""
    on_day = Q(standings__starts_on__lte=F("created_on")) & (
        Q(standings__stops_on__gt=F("created_on")) | Q(standings__stops_on=None)
    )
    cases = [When(first__currency=currency, then=Value(factor, NUMBER)) for currency, factor in rates.items()]
    worth = F("first__amount_minor") * Case(*cases, output_field=NUMBER)
    found: QuerySet[Any] = rows.annotate(
        first=FilteredRelation("standings", condition=on_day), first_minor=Round(worth)
    )
    return found


def generated_deals(
    mine: Reach, asked: Asked, by: str, key: str, today: date, *, at_first: bool = False
) -> QuerySet[Any]:
    """The deals behind a line, each with `first_minor` and `minor`, which `at_first` is the same."""
    rates = rates_now(today)
    rows = with_first(members(created(mine, asked), by, key, rates), rates)
    return rows.annotate(minor=F("first_minor")) if at_first else rows
