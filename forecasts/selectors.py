"""What the forecast pages show: one's own call beside what stands behind it, and how calls turned out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Case, Count, DecimalField, F, Func, Q, Sum, Value, When

from common.access import Reach
from common.locale import exponent
from common.models import Period, Rate
from common.selectors import the_organisation
from forecasts import rules
from forecasts.models import Score, Submission
from pipeline.models import Category, Opportunity
from quotas.selectors import person_intake, person_quota
from territories.models import Territory, User


def plan_factors(day: date) -> dict[str, Decimal]:
    """What a minor unit of each currency is in minor units of plan money on that day; no rate, no entry."""
    company = the_organisation().reporting_currency
    rates = dict(Rate.objects.on(day).filter(kind=Rate.Kind.PLAN).values_list("currency", "value"))
    rates[company] = Decimal(1)
    return {currency: rate.scaleb(exponent(company) - exponent(currency)) for currency, rate in rates.items()}


@dataclass(frozen=True)
class Behind:
    """Open deals of a person or team that close in a period, by category in plan money, with what has no rate."""

    by_category: dict[str, int]
    without_amount: int
    without_rate: int

    def columns(self, closed: int) -> rules.Columns:
        return rules.Columns(
            closed=closed,
            commit=self.by_category.get(Category.COMMIT, 0),
            most_likely=self.by_category.get(Category.MOST_LIKELY, 0),
            best_case=self.by_category.get(Category.BEST_CASE, 0),
            pipeline=self.by_category.get(Category.PIPELINE, 0),
        )


def behind(reach: Reach, period: Period, on: date, owner_id: int | None = None) -> Behind:
    """The open deals in reach (of one owner, if given) that close in the period: each converted, then summed."""
    deals = (
        Opportunity.objects.visible_to(reach)
        .open()
        .closing_between(max(period.starts_on, on), period.stops_on)
    )
    if owner_id:
        deals = deals.filter(owner_id=owner_id)
    factors = plan_factors(on)
    factor = Case(
        *(When(currency=currency, then=Value(value)) for currency, value in factors.items()), default=None
    )
    plan = Func(F("amount_minor") * factor, function="ROUND", output_field=DecimalField())
    rows = deals.values("category").annotate(
        total=Sum(plan),
        without_amount=Count("pk", filter=Q(amount_minor=None)),
        without_rate=Count("pk", filter=Q(amount_minor__isnull=False) & ~Q(currency__in=factors)),
    )
    found = list(rows.order_by("category"))
    return Behind(
        by_category={row["category"]: int(row["total"] or 0) for row in found},
        without_amount=sum(row["without_amount"] for row in found),
        without_rate=sum(row["without_rate"] for row in found),
    )


def own_calls(person_id: int, period: Period) -> list[Submission]:
    """The person's calls for a period, newest first; each is kept."""
    rows = Submission.objects.filter(person_id=person_id, period=period).select_related("node", "period")
    return list(rows.order_by("-submitted_at", "-id"))


def led_nodes(reach: Reach) -> list[Territory]:
    """The teams that a person may call for: what they lead themselves, and all below it."""
    return list(Territory.objects.filter(pk__in=reach.territories & reach.nodes))


def callable_periods(on: date) -> list[Period]:
    """The running quarter and the next three."""
    return list(Period.objects.quarters().filter(stops_on__gt=on).order_by("starts_on")[:4])


@dataclass(frozen=True)
class AccuracyRow:
    """How one person or team called over several periods at one horizon."""

    subject: str
    person: User | None
    node: Territory
    scores: list[Score]
    wape: Fraction | None
    bias: Fraction | None
    callers_wape: Fraction | None
    missing: int
    cells: list[Score | None]


def accuracy(reach: Reach, *, category: str, horizon: int, periods: Sequence[Period]) -> list[AccuracyRow]:
    """People and teams in reach with their scores in those periods, teams first, the least accurate on top."""
    rows = Score.objects.visible_to(reach).filter(
        category=category, horizon_days=horizon, period__in=list(periods)
    )
    grouped: dict[tuple[str, int | None, int], list[Score]] = defaultdict(list)
    for row in rows.select_related("person", "node", "period").order_by("period__starts_on"):
        key = (row.subject, row.person_id, row.node_id if row.person_id is None else 0)
        grouped[key].append(row)
    columns = [period.pk for period in periods]
    result = [_accuracy_row(scores, columns) for scores in grouped.values() if _says_something(scores)]
    return sorted(result, key=_worst_first)


def _says_something(scores: list[Score]) -> bool:
    """A person's row always; a team's where it was called for, or where more than one person below called."""
    return any(row.person_id or row.forecast_minor is not None or row.callers > 1 for row in scores)


def _accuracy_row(scores: list[Score], columns: list[int]) -> AccuracyRow:
    last, by_period = scores[-1], {row.period_id: row for row in scores}
    outcomes = [(row.forecast_minor, row.actual_minor) for row in scores if row.forecast_minor is not None]
    return AccuracyRow(
        subject=last.subject,
        person=last.person,
        node=last.node,
        scores=scores,
        wape=rules.wape(outcomes),
        bias=rules.bias(outcomes),
        callers_wape=_callers_wape(scores),
        missing=len(scores) - len(outcomes),
        cells=[by_period.get(pk) for pk in columns],
    )


def _callers_wape(scores: list[Score]) -> Fraction | None:
    """The errors of all who called below a team, by size: several may hide each other in the team's own error."""
    known = [row for row in scores if row.person_id is None and row.absolute_error_minor is not None]
    size = sum(abs(row.actual_minor) for row in known)
    return Fraction(sum(row.absolute_error_minor or 0 for row in known), size) if size else None


def _worst_first(row: AccuracyRow) -> tuple[bool, bool, Fraction, str]:
    name = row.person.name if row.person else row.node.name
    return (row.subject == Score.Subject.PERSON, row.wape is None, -(row.wape or Fraction(0)), name)


def ended_periods(on: date, most: int = 4) -> list[Period]:
    """The last quarters that ended, oldest first."""
    ended = Period.objects.quarters().filter(stops_on__lte=on).order_by("-starts_on")[:most]
    return sorted(ended, key=lambda period: period.starts_on)


@dataclass(frozen=True)
class Stand:
    """Where a person stands in a period: quota, what is closed, and what the open deals add."""

    quota_minor: int | None
    closed_minor: int
    single: rules.Columns
    cumulative: rules.CumulativeColumns
    behind: Behind

    @property
    def gap_minor(self) -> int | None:
        return None if self.quota_minor is None else self.quota_minor - self.closed_minor


def stand(reach: Reach, person_id: int, period: Period, on: date) -> Stand:
    """The figures beside one's own call."""
    closed = person_intake(person_id, period)
    open_deals = behind(reach, period, on, owner_id=person_id)
    single = open_deals.columns(closed)
    return Stand(person_quota(person_id, period), closed, single, rules.cumulate(single), open_deals)
