"""One person's attainment: the quarter, the year so far, month by month, and the newest credits behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from common.access import Reach
from common.calendars import Span
from common.models import Period
from common.money import allocate
from common.selectors import quarters_of_year
from orders.selectors import CreditFilter, credits_of, explained
from orders.selectors.credits import CreditRow
from quotas.selectors.figures import Figures, days_left, due_share
from quotas.selectors.intake import by_column, monthly_intake
from quotas.selectors.plan import own_quotas
from quotas.selectors.quarters import year_to_date
from territories.models import User

NEWEST = 8


def person_quota(person_id: int, period: Period) -> int | None:
    """What a person is asked to sell themselves in a quarter, or in the quarters of a year; None: no quota."""
    quarters = quarters_of_year(period) if period.kind == Period.Kind.YEAR else [period]
    asked = own_quotas([person_id], quarters)
    known = [amounts[person_id] for amounts in asked if person_id in amounts]
    return sum(known) if known else None


@dataclass(frozen=True)
class Month:
    """One month's order intake beside an equal part of its quarter's quota."""

    starts_on: date
    code: str
    intake: int
    part: int | None


@dataclass(frozen=True)
class MyAttainment:
    """What the page of one person shows: a quarter, and the quarters of its year that have begun."""

    person: User
    period: Period
    quarters: list[Period]
    quarter: Figures
    year: Figures
    months: list[Month]
    credits: list[CreditRow]
    days_left: int


def my_attainment(mine: Reach, person: User, period: Period, on: date) -> MyAttainment:
    """A person's figures up to a quarter: every figure's credits are one click away."""
    quarters = year_to_date(period, on)
    months = list(
        Period.objects.months().filter(starts_on__gte=quarters[0].starts_on, starts_on__lt=period.stops_on)
    )
    by_month = monthly_intake(person.pk, [month.starts_on for month in months])
    columns = quarters if period in quarters else [*quarters, period]
    asked = [amounts.get(person.pk) for amounts in own_quotas([person.pk], columns)]
    return MyAttainment(
        person=person,
        period=period,
        quarters=quarters,
        quarter=Figures(by_column(by_month, [period]), tuple(asked[-1:]), due_share(period, on)),
        year=Figures(
            by_column(by_month, quarters), tuple(asked[: len(quarters)]), due_share(quarters[-1], on)
        ),
        months=_months(months, by_month, quarters, asked),
        credits=_newest(mine, person, quarters),
        days_left=days_left(period, on),
    )


def _months(
    months: Sequence[Period],
    by_month: dict[date, int],
    quarters: Sequence[Period],
    asked: Sequence[int | None],
) -> list[Month]:
    rows: list[Month] = []
    for quarter, quota in zip(quarters, asked, strict=False):
        its = [month for month in months if quarter.starts_on <= month.starts_on < quarter.stops_on]
        parts = allocate(quota, [1] * len(its)) if quota is not None and its else [None] * len(its)
        rows += [
            Month(month.starts_on, month.code, by_month[month.starts_on], part)
            for month, part in zip(its, parts, strict=True)
        ]
    return rows


def _newest(mine: Reach, person: User, quarters: Sequence[Period]) -> list[CreditRow]:
    span = Span(quarters[0].starts_on, quarters[-1].stops_on)
    rows = credits_of(CreditFilter(spans=(span,), person_id=person.pk), mine)
    return explained(list(rows.order_by("-booked_on", "-ledger_seq")[:NEWEST]), mine)
