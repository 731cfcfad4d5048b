"""What is missing on open deals: by check, by person or territory, and deal by deal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import Contact
from common.access import Reach
from common.http import Page, page_by_key
from common.policies import POLICIES
from common.selectors import policy
from common.transaction import widened
from pipeline.models import Activity, Milestone, Opportunity, OpportunityQuerySet, Stakeholder
from pipeline.rules.hygiene import ORDER, PLANNED, TAKES, WHOLE, Check, is_past_close, near, points
from pipeline.rules.rates import ratio
from pipeline.selectors.insight import COLUMNS, Asked, deals, key_in_address, labels

LOOKED_AT = ("activity", "stakeholder", "milestone", "contact", "stage")
"""What is read beyond the reach, so that a deal has one score for all who read it: whether something was done, whom it
reaches. What was done and who that is stays where it is."""
MISSING: dict[Check, StrOrPromise] = {
    Check.ACCOUNT: _("no account"),
    Check.AMOUNT: _("no amount"),
    Check.CLOSE_DATE: _("close date has passed"),
    Check.NEXT_STEP: _("no next step"),
    Check.NEXT_STEP_DAY: _("no fitting day for the next step"),
    Check.DECIDER: _("nobody who decides"),
    Check.ACTIVITY: _("no activity"),
    Check.CLOSE_PLAN: _("no close plan"),
    Check.CATEGORY: _("category far from the stage's"),
}
"""What is missing in words; `missing_words` says since when nothing was done, `said_of` what it is on one deal."""
SHORT: dict[Check, StrOrPromise] = {
    Check.ACCOUNT: _("account"),
    Check.AMOUNT: _("amount"),
    Check.CLOSE_DATE: _("close date"),
    Check.NEXT_STEP: _("next step"),
    Check.NEXT_STEP_DAY: _("day of next step"),
    Check.DECIDER: _("who decides"),
    Check.ACTIVITY: _("activity"),
    Check.CLOSE_PLAN: _("close plan"),
    Check.CATEGORY: _("category"),
}
"""What is looked at, as the head of a column says it."""
PREFIX = "has_"
TOLD_APART = ("owner", "territory")
OPEN, AT_TOP = "open", "at_top"
"""What else is listed: all open deals, and those that name a chief officer."""
SORTS = ("points", "-points", "name", "-name", "deals", "-deals", "gaps", "-gaps")


@dataclass(frozen=True)
class Line:
    """The open deals of one person or territory: of each check on how many it does not hold.

    `lacking`: on how many something is missing; `at_top`: those that name a chief officer of the customer.
    """

    key: Any
    label: str
    deals: int
    lacks: Mapping[Check, int]
    at_top: int
    lacking: int = 0

    @property
    def gaps(self) -> int:
        """How often something is missing; a deal on which several things are counts with each of them."""
        return sum(self.lacks.values())

    @property
    def points(self) -> Fraction | None:
        return points(self.lacks, self.deals)

    @property
    def missing_by_name(self) -> dict[str, int]:
        """What is missing by the names of the checks."""
        return {check.value: lacks for check, lacks in self.lacks.items()}

    @property
    def top_share(self) -> Fraction | None:
        return ratio(self.at_top, self.deals)

    @property
    def shown_key(self) -> str:
        return key_in_address(self.key)


@dataclass(frozen=True)
class Found:
    """What is missing on a deal."""

    missing: Sequence[Check]

    @property
    def points(self) -> int:
        return WHOLE - sum(TAKES[check] for check in self.missing)


def checked(rows: OpportunityQuerySet, today: date) -> QuerySet[Any]:
    """The deals, each with whether each check holds; null where it is not asked."""
    holds = {f"{PREFIX}{check}": _holds(check, when) for check, when in _conditions(today).items()}
    found: QuerySet[Any] = rows.annotate(**holds)
    return found


def _holds(check: Check, when: Any) -> Case:
    is_asked = [] if check is not Check.CLOSE_PLAN else [When(~Q(category__in=PLANNED), then=Value(None))]
    cases = [*is_asked, When(when, then=Value(True))]
    return Case(*cases, default=Value(False), output_field=BooleanField())


def _conditions(today: date) -> dict[Check, Any]:
    of_deal = {"opportunity": OuterRef("pk")}
    people = Stakeholder.objects.filter(**of_deal, is_removed=False)
    fits = Q()
    for category in ORDER:
        fits |= Q(category=category, stage__category__in=near(category))
    return {
        Check.ACCOUNT: Q(account__isnull=False),
        Check.AMOUNT: Q(amount_minor__gt=0),
        Check.CLOSE_DATE: Q(close_on__gte=today),
        Check.NEXT_STEP: ~Q(next_step=""),
        Check.NEXT_STEP_DAY: Q(next_step_on__gte=today)
        & (Q(next_step_on__lte=F("close_on")) | Q(close_on__lt=today)),
        Check.DECIDER: Exists(people.filter(role=Stakeholder.Role.DECIDES)),
        Check.ACTIVITY: is_active(today, policy("active_within_days")),
        Check.CLOSE_PLAN: Exists(Milestone.objects.filter(**of_deal, is_removed=False)),
        Check.CATEGORY: fits,
    }


def is_active(today: date, days: int) -> Q:
    """What makes a deal active: something was done with it in the last so many days, or it was created in them."""
    since = today - timedelta(days=days)
    done = Activity.objects.filter(opportunity=OuterRef("pk"), done_on__gte=since)
    return Q(created_on__gte=since) | Q(Exists(done))


def missing_words() -> dict[Check, StrOrPromise]:
    """What is missing, with the days that Settings say."""
    days = POLICIES["active_within_days"].in_words(policy("active_within_days"))
    return {**MISSING, Check.ACTIVITY: _now("no activity in %(days)s") % {"days": days}}


def said_of(
    deal: Opportunity, check: Check, words: Mapping[Check, StrOrPromise], today: date
) -> StrOrPromise:
    """What is missing on that deal: of a next step's day whether there is none ahead, or it lies after the closing."""
    if check is not Check.NEXT_STEP_DAY:
        return words[check]
    is_late = is_past_close(deal.next_step_on, deal.close_on, today)
    return _now("next step after the close date") if is_late else _now("no day ahead for the next step")


def at_top() -> Exists:
    """Whether a deal names a chief officer of the customer."""
    chiefs = Stakeholder.objects.filter(contact__seniority=Contact.Seniority.EXECUTIVE, is_removed=False)
    return Exists(chiefs.filter(opportunity=OuterRef("pk")))


def hygiene_lines(mine: Reach, asked: Asked, by: str, today: date, sort: str = "points") -> list[Line]:
    """The open deals in reach by owner or territory, the lowest score first, or sorted as one of SORTS."""
    rows = checked(deals(mine, asked).open(), today).annotate(key=F(COLUMNS[by]), is_at_top=at_top())
    sums: dict[str, Any] = {"deals": Count("pk"), "at_top": Count("pk", filter=Q(is_at_top=True))}
    sums["lacking"] = Count("pk", filter=_is_lacking())
    for check in Check:
        sums[f"lacks_{check}"] = Count("pk", filter=Q(**{f"{PREFIX}{check}": False}))
    with widened(*LOOKED_AT):
        found = list(rows.order_by().values("key").annotate(**sums))
    words = labels(by, [row["key"] for row in found])
    lines = [_line(row, words) for row in found]
    return _sorted(lines, sort)


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    key = sort.removeprefix("-")
    ordered = sorted(lines, key=lambda line: (line.points or 0, -line.deals, line.label))
    if key == "name":
        return sorted(ordered, key=lambda line: line.label.casefold(), reverse=sort != key)
    return sorted(ordered, key=lambda line: getattr(line, key) or 0, reverse=sort != key)


def _is_lacking() -> Q:
    """Whether something is missing on a deal."""
    found = Q()
    for check in Check:
        found |= Q(**{f"{PREFIX}{check}": False})
    return found


def _line(row: Mapping[str, Any], words: Mapping[Any, str]) -> Line:
    lacks = {check: row[f"lacks_{check}"] for check in Check}
    return Line(row["key"], words.get(row["key"], ""), row["deals"], lacks, row["at_top"], row["lacking"])


def in_all(lines: Sequence[Line]) -> Line:
    """What the lines come to; every open deal is in one of them."""
    lacks = {check: sum(line.lacks[check] for line in lines) for check in Check}
    deals, at_top, lacking = (
        sum(getattr(line, name) for line in lines) for name in ("deals", "at_top", "lacking")
    )
    return Line("", "", deals, lacks, at_top, lacking)


def lacking(
    mine: Reach, asked: Asked, show: str | None, today: date, after: str | None, **of: Any
) -> Page[Any]:
    """The open deals in reach on which a check, or any, does not hold, the fewest points first; each with `found`.

    `show`: the check, OPEN for all open ones, AT_TOP for those that name a chief officer.
    """
    taken: Any = sum(
        (
            Case(When(**{f"{PREFIX}{one}": False}, then=Value(takes)), default=0, output_field=IntegerField())
            for one, takes in TAKES.items()
        ),
        start=Value(0),
    )
    rows = checked(deals(mine, asked).open().filter(**of), today).annotate(taken=taken)
    if show == AT_TOP:
        rows = rows.filter(at_top())
    elif show != OPEN:
        rows = rows.filter(**{f"{PREFIX}{show}": False}) if show else rows.filter(taken__gt=0)
    with widened(*LOOKED_AT):
        page = page_by_key(rows.select_related("account", "owner", "stage"), ["-taken", "id"], after)
    for deal in page.rows:
        deal.found = _found(deal)
    return page


def hygiene_of(deal: Opportunity, today: date) -> Found | None:
    """What is missing on a deal; None of one that is not open."""
    if not deal.is_open:
        return None
    with widened(*LOOKED_AT):
        return _found(checked(Opportunity.objects.filter(pk=deal.pk), today).get())


def _found(row: Any) -> Found:
    return Found([check for check in Check if getattr(row, f"{PREFIX}{check}") is False])
