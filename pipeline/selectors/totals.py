"""What deals of a list come to: by currency, and in the reporting currency."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Round

from common.models import Rate
from common.money import round_half_away
from common.selectors import the_organisation
from pipeline.selectors import opportunities as deals


@dataclass(frozen=True)
class Total:
    """What deals of one currency come to; `worth_minor` in the reporting currency, None where there is no rate."""

    currency: str
    deals: int
    amount_minor: int
    worth_minor: int | None


@dataclass(frozen=True)
class Totals:
    """What deals come to: each currency as it is, and all at the rates of a day, each deal rounded for itself.

    A currency without a rate is in no sum of the reporting currency, and is named in `unrated`.
    """

    by_currency: list[Total]

    @property
    def deals(self) -> int:
        return sum(total.deals for total in self.by_currency)

    @property
    def worth_minor(self) -> int:
        return sum(total.worth_minor or 0 for total in self.by_currency)

    @property
    def unrated(self) -> list[str]:
        return [one.currency for one in self.by_currency if one.worth_minor is None and one.amount_minor]

    @property
    def is_mixed(self) -> bool:
        """Whether the sum in the reporting currency says more than the currencies do."""
        return [one.currency for one in self.by_currency] not in ([], [the_organisation().reporting_currency])


def totals(rows: QuerySet[Any], day: date) -> Totals:
    """What the rows come to, in one statement and that of the rates."""
    rates = deals.factors(Rate.Kind.CURRENT, day)
    sums = rows.order_by().values("currency").annotate(**summed(rates))
    return totals_of(sums.values_list("currency", "deals", "minor", "worth_minor"), rates)


def summed(rates: Mapping[str, Decimal]) -> dict[str, Any]:
    """What each group of deals of one currency is asked for."""
    return {
        "deals": Count("pk"),
        "minor": Sum("amount_minor"),
        "worth_minor": Sum(Round(deals.worth(rates))),
    }


def totals_of(sums: Iterable[tuple[str, int, int | None, Any]], rates: Mapping[str, Decimal]) -> Totals:
    """Totals of what was summed by currency, the reporting currency first."""
    reporting = the_organisation().reporting_currency
    found = sorted(sums, key=lambda row: (row[0] != reporting, row[0]))
    return Totals(
        [
            Total(currency, number, minor or 0, int(worth or 0) if currency in rates else None)
            for currency, number, minor, worth in found
        ]
    )


def added_up(rows: Iterable[Any], day: date) -> Totals:
    """What rows that are here come to, as `totals` says; the rates are asked for where a currency needs one."""
    by_currency: dict[str, list[int]] = {}
    number: dict[str, int] = {}
    for row in rows:
        number[row.currency] = number.get(row.currency, 0) + 1
        by_currency.setdefault(row.currency, []).append(row.amount_minor or 0)
    reporting = the_organisation().reporting_currency
    is_foreign = by_currency.keys() - {reporting}
    rates = deals.factors(Rate.Kind.CURRENT, day) if is_foreign else {reporting: Decimal(1)}
    return totals_of(
        (
            (currency, number[currency], sum(amounts), _worth(amounts, rates.get(currency)))
            for currency, amounts in by_currency.items()
        ),
        rates,
    )


def _worth(amounts: Iterable[int], rate: Decimal | None) -> int:
    return sum(round_half_away(minor * Fraction(rate)) for minor in amounts) if rate is not None else 0
