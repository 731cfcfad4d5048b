"""One person's attainment: the quarter, the year so far, month by month, and the newest credits behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from common.access import Reach
from common.calendars import Span
from common.models import Period
from common.money import allocate
from common.policies import BY_OWNER, BY_SPLIT
from orders.selectors.awaiting import awaited_of
from orders.selectors.credits import CreditFilter, CreditRow, newest_credits
from orders.selectors.disputes import InDispute, in_dispute
from orders.selectors.known import CURRENT, AsOf
from quotas.rules import days_left, share_due
from quotas.selectors.crediting import is_by_owner, monthly_credited
from quotas.selectors.figures import Figures
from quotas.selectors.plan import own_quotas
from quotas.selectors.quarters import year_to_date
from quotas.selectors.question import Question
from quotas.selectors.since import MOST_SHOWN, Since, since
from quotas.selectors.subjects import OwnerSubject, PersonSubject
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
    `disputed`: what of the quarter is in their open disputes; the figures hold it as it is. `is_by_owner`: whether the
    year credits the owner of a territory, else by split.
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
    is_by_owner: bool


def my_attainment(mine: Reach, person: User, period: Period, on: date, as_of: AsOf = CURRENT) -> MyAttainment:
    """A person's figures up to a quarter: every figure's credits are one click away. `on` is the day up to which it is
    due what is asked for; of an earlier day nothing is said of what awaits or is in dispute.
    """
    work = work_days_finder([person.pk], as_of.known_at)(person.pk)
    begun = year_to_date(period, on)
    quarters = begun if period in begun else [*begun, period]
    quotas = [asked.get(person.pk) for asked in own_quotas([person.pk], quarters, as_of.known_at)]
    whose = _whose(person, period, as_of)
    months = _months(mine, person.pk, quarters, quotas, whose)
    intakes = [sum(month.intake for month in its) for its in months]
    year, days = slice(len(begun)), Span(begun[0].starts_on, begun[-1].stops_on)
    year_credits = replace(whose, period=period.parent or period, days=(days,))
    return MyAttainment(
        period=period,
        quarter=Figures((intakes[-1],), (quotas[-1],), share_due(period.span, on, work)),
        quarter_credits=whose,
        year=Figures(tuple(intakes[year]), tuple(quotas[year]), share_due(begun[-1].span, on, work)),
        year_credits=year_credits,
        months=[month for its in months[year] for month in its],
        newest=newest_credits(year_credits, mine, NEWEST),
        days_left=days_left(period.span, on, work),
        awaiting_minor=awaited_of(mine, period.span, person.pk) if as_of.is_now else None,
        disputed=in_dispute(person.pk, period.span) if as_of.is_now else None,
        is_by_owner=whose.owner_id is not None,
    )


def _whose(person: User, period: Period, as_of: AsOf) -> CreditFilter:
    """The quarter's credits that count for the person by the rule of its year."""
    if is_by_owner(period):
        return CreditFilter(period, owner_id=person.pk, as_of=as_of)
    return CreditFilter(period, person_id=person.pk, as_of=as_of)


def person_since(
    mine: Reach, person: User, period: Period, on: date, as_of: AsOf, most: int = MOST_SHOWN
) -> Since | None:
    """What explains the difference of a person's quarter and today's; None where it is of what is known now."""
    if as_of.known is None:
        return None
    question = Question(period, [period], on, as_of=as_of)
    subject = OwnerSubject if is_by_owner(period) else PersonSubject
    return since(subject(mine, question, as_of.known, person.pk), most)


def _months(
    mine: Reach,
    person_id: int,
    quarters: Sequence[Period],
    quotas: Sequence[int | None],
    whose: CreditFilter,
) -> list[list[Month]]:
    """The months of each quarter."""
    months = list(Period.objects.months().filter(parent__in=quarters))
    rule = BY_SPLIT if whose.owner_id is None else BY_OWNER
    intakes = monthly_credited(mine, person_id, months, rule, whose.as_of)
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
                    replace(whose, period=month),
                )
                for month, part in zip(its, parts, strict=True)
            ]
        )
    return found
