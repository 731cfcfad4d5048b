"""One person's attainment: the quarter, the year so far, month by month, and the newest credits behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from common.access import Reach
from common.calendars import Span
from common.models import Period
from common.money import allocate
from orders.selectors.awaiting import awaited_of
from orders.selectors.credits import CreditFilter, CreditRow, credits_of, explained
from orders.selectors.disputes import InDispute, in_dispute
from orders.selectors.known import CURRENT, AsOf
from quotas.rules import days_left, share_due
from quotas.selectors.figures import Figures
from quotas.selectors.intake import monthly_intake
from quotas.selectors.known import monthly_known
from quotas.selectors.plan import own_quotas
from quotas.selectors.quarters import year_to_date
from quotas.selectors.question import Question
from quotas.selectors.since import Since, since
from quotas.selectors.subjects import PersonSubject
from territories.models import User
from territories.selectors import work_days_finder

NEWEST = 8


@dataclass(frozen=True)
class Month:
    """One month's order intake beside an equal part of its quarter's quota, and the credits that make it."""

    period: Period
    intake: int
    part: int | None
    credits: CreditFilter


@dataclass(frozen=True)
class MyAttainment:
    """What the page of one person shows: a quarter, and the quarters of its year that have begun.

    `awaiting_minor`: what was won in the quarter and awaits its booking; in no order intake yet.
    `disputed`: what of the quarter is in their open disputes; the figures hold it as it is.
    """

    period: Period
    quarter: Figures
    quarter_credits: CreditFilter
    year: Figures
    year_credits: CreditFilter
    months: list[Month]
    newest: list[CreditRow]
    days_left: int
    awaiting_minor: int | None
    disputed: InDispute | None


def my_attainment(mine: Reach, person: User, period: Period, on: date, as_of: AsOf = CURRENT) -> MyAttainment:
    """A person's figures up to a quarter: every figure's credits are one click away. `on` is the day up to which it is
    due what is asked for; of an earlier day nothing is said of what awaits or is in dispute.
    """
    work = work_days_finder([person.pk], as_of.known_at)(person.pk)
    begun = year_to_date(period, on)
    quarters = begun if period in begun else [*begun, period]
    quotas = [asked.get(person.pk) for asked in own_quotas([person.pk], quarters, as_of.known_at)]
    months = _months(person.pk, quarters, quotas, as_of)
    intakes = [sum(month.intake for month in its) for its in months]
    year, days = slice(len(begun)), Span(begun[0].starts_on, begun[-1].stops_on)
    year_credits = CreditFilter(period.parent or period, (days,), person_id=person.pk, as_of=as_of)
    newest = credits_of(year_credits, mine).order_by("-booked_on", "-ledger_seq")[:NEWEST]
    return MyAttainment(
        period=period,
        quarter=Figures((intakes[-1],), (quotas[-1],), share_due(period.span, on, work)),
        quarter_credits=CreditFilter(period, person_id=person.pk, as_of=as_of),
        year=Figures(tuple(intakes[year]), tuple(quotas[year]), share_due(begun[-1].span, on, work)),
        year_credits=year_credits,
        months=[month for its in months[year] for month in its],
        newest=explained(list(newest), mine),
        days_left=days_left(period.span, on, work),
        awaiting_minor=awaited_of(mine, period.span, person.pk) if as_of.is_now else None,
        disputed=in_dispute(person.pk, period.span) if as_of.is_now else None,
    )


def person_since(mine: Reach, person: User, period: Period, on: date, as_of: AsOf) -> Since | None:
    """What explains the difference of a person's quarter and today's; None where it is of what is known now."""
    if as_of.known is None:
        return None
    question = Question(period, [period], on, as_of=as_of)
    return since(PersonSubject(mine, question, as_of.known, person.pk))


def _months(
    person_id: int, quarters: Sequence[Period], quotas: Sequence[int | None], as_of: AsOf
) -> list[list[Month]]:
    """The months of each quarter."""
    months = list(Period.objects.months().filter(parent__in=quarters))
    intakes = (
        monthly_intake(person_id, [month.starts_on for month in months])
        if as_of.is_now
        else monthly_known(person_id, months, as_of)
    )
    found = []
    for quarter, quota in zip(quarters, quotas, strict=True):
        its = [month for month in months if month.parent_id == quarter.pk]
        parts = [None] * len(its) if quota is None else allocate(quota, [1] * len(its))
        found.append(
            [
                Month(
                    month,
                    intakes[month.starts_on],
                    part,
                    CreditFilter(month, person_id=person_id, as_of=as_of),
                )
                for month, part in zip(its, parts, strict=True)
            ]
        )
    return found
