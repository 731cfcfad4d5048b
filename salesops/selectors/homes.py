"""The home page of a role: where do I stand, and one next step."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.selectors import unassigned_accounts
from common.access import Reach, found
from common.calendars import Span
from common.locale import format_number
from common.models import Period, Run
from common.selectors import period_of, quarters_of_year
from forecasts.models import Submission
from forecasts.selectors import behind
from orders.models import Credit
from orders.selectors import newest_orders, oldest_waiting
from pipeline import rules
from pipeline.models import Category, Opportunity
from pipeline.selectors.worklist import Worklist, worklist
from quotas.selectors import my_attainment, team_attainment
from quotas.selectors.figures import Figures
from quotas.selectors.team import Question
from territories.models import User, Visit
from territories.selectors import doubled_within, gaps_within, tree_on

OPEN_CATEGORIES = [
    (Category.COMMIT, Category.COMMIT.label),
    (Category.MOST_LIKELY, Category.MOST_LIKELY.label),
    (Category.BEST_CASE, Category.BEST_CASE.label),
    (Category.PIPELINE, Category.PIPELINE.label),
]

WINDOW_DAYS = 90


@dataclass(frozen=True)
class Step:
    """The one next step of a home page."""

    text: str
    label: str
    url_name: str


def rep_home(mine: Reach, person: User, today: date) -> dict[str, Any]:
    """Attainment of the quarter and the year, what covers the gap, and what to do next."""
    period = found(period_of(today))
    mine_now = my_attainment(mine, person, period, today)
    work_left = worklist(person.pk, today)
    open_deals = behind(mine, period, today, owner_id=person.pk)
    return {
        "period": period,
        "attainment": mine_now,
        "coverage": _coverage(sum(open_deals.by_category.values()), mine_now.quarter),
        "behind": [(label, open_deals.by_category.get(value, 0)) for value, label in OPEN_CATEGORIES],
        "worklist": work_left,
        "step": _rep_step(work_left, person, period),
    }


def _coverage(open_minor: int, figures: Figures) -> str:
    ratio = rules.pipeline_coverage(open_minor, figures.quota, figures.intake)
    if ratio == "met":
        return _("met")
    return (
        _("%(times)s times") % {"times": format_number(ratio, 1)}
        if ratio is not None
        else format_number(None)
    )


def _rep_step(work_left: Worklist, person: User, period: Period) -> Step:
    if work_left.overdue.count:
        return Step(
            _("Close dates have passed on open opportunities."), _("Look at them"), "opportunity_list"
        )
    if not Submission.objects.filter(person=person, period=period).exists():
        return Step(_("You have not called this quarter yet."), _("Give your call"), "submission_list")
    if work_left.no_next_step.count:
        return Step(_("Opportunities have no next step."), _("Plan the next step"), "opportunity_list")
    return Step(_("Nothing is overdue."), _("Open the board"), "opportunity_board")


def team_home(mine: Reach, person: User, today: date) -> dict[str, Any]:
    """The team's attainment, the three largest gaps below, and what changed since the last visit."""
    period = found(period_of(today))
    quarters = [quarter for quarter in quarters_of_year(period) if quarter.starts_on <= period.starts_on]
    quarter = team_attainment(mine, Question(period, [period], today))
    year = team_attainment(mine, Question(period, quarters, today))
    below = [row for row in quarter.rows if row.level == 1 and (row.figures.gap or 0) > 0]
    visit = Visit.objects.filter(user=person).first()
    return {
        "period": period,
        "quarter": quarter.total,
        "year": year.total,
        "names": ", ".join(row.name for row in quarter.tops),
        "gaps": sorted(below, key=lambda row: -(row.figures.gap or 0))[:3],
        "since": changes_since(mine, (visit.before_at or visit.last_at) if visit else timezone.now()),
        "step": Step(_("See who is ahead and who is behind."), _("Open team attainment"), "team_attainment"),
    }


def admin_home(mine: Reach, today: date) -> dict[str, Any]:
    """Vacancies, overlaps, accounts of nobody, and whether the last night came."""
    window = Span(today, today + timedelta(days=WINDOW_DAYS))
    vacant = [gap for gap in gaps_within(tree_on(today), window) if gap.span.start <= today]
    doubled = doubled_within(window)
    nowhere = unassigned_accounts(mine)
    count = nowhere.order_by()[:1001].count()
    return {
        "vacant": vacant[:8],
        "vacant_count": len(vacant),
        "doubled": doubled[:8],
        "doubled_count": len(doubled),
        "unassigned": list(nowhere[:8]),
        "unassigned_count": count,
        "last_run": Run.objects.first(),
        "step": _admin_step(len(vacant), count),
    }


def _admin_step(vacant: int, unassigned: int) -> Step:
    if unassigned:
        return Step(_("Accounts are in nobody's territory."), _("Assign them"), "account_gaps")
    if vacant:
        return Step(_("Territories have nobody on their seat today."), _("Seat somebody"), "territory_tree")
    return Step(
        _("Everybody has a seat, and every account a territory."), _("Look at the tree"), "territory_tree"
    )


def coordinator_home(mine: Reach) -> dict[str, Any]:
    """The orders that wait for their paperwork, oldest first, and the newest ones."""
    waiting = oldest_waiting(mine)
    step = (
        Step(_("The oldest order waits for its purchase order number."), _("Open the orders"), "order_list")
        if waiting
        else Step(_("No order waits for paperwork."), _("Book an order"), "order_book")
    )
    return {"waiting": waiting, "newest": newest_orders(mine), "step": step}


@dataclass(frozen=True)
class Since:
    """What changed in a reach since an instant."""

    instant: datetime
    credits: int
    won: int
    opened: int


def changes_since(mine: Reach, instant: datetime) -> Since:
    """How many ledger entries, won deals and new deals came since the reader's last visit."""
    deals = Opportunity.objects.visible_to(mine)
    return Since(
        instant=instant,
        credits=Credit.objects.visible_to(mine).filter(recorded_at__gt=instant).order_by()[:1001].count(),
        won=deals.filter(state="won", closed_on__gte=instant.date()).order_by()[:1001].count(),
        opened=deals.filter(created_on__gte=instant.date()).order_by()[:1001].count(),
    )
