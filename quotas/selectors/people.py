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
from territories.models import User

NEWEST = 8


def person_quota(person_id: int, period: Period, family_id: int | None = None) -> int | None:
    """What a person is asked to sell themselves in a quarter, or in the quarters of a year; None: no quota."""
    quarters = quarters_of_year(period) if period.kind == Period.Kind.YEAR else [period]
    found = [own_quotas([person_id], quarter, family_id).get(person_id) for quarter in quarters]
    known = [amount for amount in found if amount is not None]
    return sum(known) if known else None


@dataclass(frozen=True)
class MyAttainment:
    """What the page of one person shows."""

    person: User
    period: Period
    quarters: list[Period]
    year: Figures
    months: list[tuple[date, int, int | None]]
    credits: list[CreditRow]
    days_left: int

    @property
    def quarter(self) -> Figures:
        return self.year.last()


def my_attainment(mine: Reach, person: User, period: Period, on: date) -> MyAttainment:
    """A person's figures up to a quarter: every figure's credits are one click away."""
    quarters = [quarter for quarter in quarters_of_year(period) if quarter.starts_on <= period.starts_on]
    by_month = monthly_intake(person.pk, quarters)
    quotas = tuple(own_quotas([person.pk], quarter).get(person.pk) for quarter in quarters)
    return MyAttainment(
        person=person,
        period=period,
        quarters=quarters,
        year=Figures(by_column(by_month, quarters), quotas, due_share(period, on)),
        months=_months(by_month, quarters, quotas),
        credits=_newest(mine, person, quarters),
        days_left=days_left(period, on),
    )


def _months(
    by_month: dict[date, int], quarters: Sequence[Period], quotas: Sequence[int | None]
) -> list[tuple[date, int, int | None]]:
    """Each month's order intake beside an equal part of its quarter's quota."""
    rows: list[tuple[date, int, int | None]] = []
    for quarter, quota in zip(quarters, quotas, strict=True):
        months = [month for month in by_month if quarter.starts_on <= month < quarter.stops_on]
        parts = allocate(quota, [1] * len(months)) if quota is not None and months else [None] * len(months)
        rows += [(month, by_month[month], part) for month, part in zip(months, parts, strict=True)]
    return rows


def _newest(mine: Reach, person: User, quarters: Sequence[Period]) -> list[CreditRow]:
    span = Span(quarters[0].starts_on, quarters[-1].stops_on)
    rows = credits_of(CreditFilter(span=span, person_id=person.pk), mine)
    return explained(list(rows.order_by("-booked_on", "-ledger_seq")[:NEWEST]), mine)
