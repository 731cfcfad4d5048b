"""The home page of a role: where do I stand, and one next step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from accounts.selectors import unassigned_accounts
from common.access import Reach
from common.calendars import Span
from common.http import address_of
from common.locale import format_date, format_number
from common.models import Period, Run
from common.selectors import Count, calendar_end, capped_count, organisation, policy
from forecasts.models import Submission
from forecasts.rules import cumulate
from forecasts.selectors import behind
from orders.models import Basis, Credit
from orders.selectors.awaiting import Waiting, awaited_of, explained, requests_in
from orders.selectors.credits import CreditFilter
from orders.selectors.disputes import to_answer
from orders.selectors.orders import lacking_purchase_order, newest_orders
from pipeline.models import Category, Opportunity, Stage, StageVisit
from pipeline.selectors.open_pipeline import COUNTED
from pipeline.selectors.opportunities import opened_since, won_since
from pipeline.selectors.targets import own_targets
from pipeline.selectors.worklist import REASONS, Worklist, worklist
from quotas.selectors.covering import deals_url
from quotas.selectors.crediting import is_by_owner
from quotas.selectors.figures import Figures
from quotas.selectors.people import my_attainment
from quotas.selectors.quarters import year_to_date
from quotas.selectors.runs import last_night
from quotas.selectors.team import Question, Row, team_attainment
from salesops.selectors.setup import Checklist, checklist
from territories.models import Edge, Seat, Territory, User
from territories.selectors import Node, doubled_within, tree_on

SHOWN, GAPS = 8, 3


@dataclass(frozen=True)
class Step:
    """The one next step of a home page."""

    text: str
    label: str
    url: str


def rep_home(mine: Reach, person: User, period: Period, today: date) -> dict[str, Any]:
    """Attainment of the quarter and the year, what covers the gap, and what to do next."""
    mine_now = my_attainment(mine, person, period, today)
    work_left = worklist([person.pk], today)
    open_deals = behind(mine, period, today, owner_id=person.pk)
    rows = [(Category(name).label, amount) for name, amount in open_deals.by_category.items()]
    return {
        "period": period,
        "attainment": mine_now,
        "covered": replace(mine_now.quarter, in_play=open_deals.by_category),
        "deals_url": deals_url(mine_now.quarter_credits, period.span, today),
        "targets": own_targets(mine, person),
        "behind": rows,
        "overdue_minor": open_deals.overdue_minor if open_deals.overdue else None,
        "awaiting_minor": awaited_of(mine, period.span, person.pk),
        "worklist": work_left,
        "waiting": work_left.items[:SHOWN],
        "reasons": [(REASONS[key], count, key) for key, count in work_left.counts.items() if count.value],
        "today": today,
        "step": _rep_step(work_left, person, period),
    }


def _rep_step(left: Worklist, person: User, period: Period) -> Step:
    """What is due comes first, then milestones, leads that wait, close dates, the call, and what stands still."""
    counts = {key: count.value for key, count in left.counts.items()}
    if number := counts["task"]:
        text = ngettext("%(number)d task is due.", "%(number)d tasks are due.", number)
        oldest = reverse("activity_complete", args=[left.first("task").pk])
        return Step(text % {"number": number}, _("Open the oldest one"), oldest)
    if number := counts["milestone"]:
        text = ngettext(
            "A milestone is due on %(number)d opportunity.",
            "Milestones are due on %(number)d opportunities.",
            number,
        )
        deal = left.first("milestone")
        oldest = (
            reverse("opportunity_detail", args=[deal.pk]) if deal else f"{reverse('worklist')}?why=milestone"
        )
        return Step(text % {"number": number}, _("Open the oldest one"), oldest)
    if number := counts["untouched"]:
        text = ngettext("%(number)d lead is untouched.", "%(number)d leads are untouched.", number)
        oldest = reverse("lead_detail", args=[left.first("untouched").pk])
        return Step(text % {"number": number}, _("Open the oldest one"), oldest)
    if counts["overdue"]:
        text = _("Close dates have passed on open opportunities.")
        return Step(text, _("Look at them"), _deals(person, "overdue"))
    if not Submission.objects.filter(person=person, period=period).exists():
        text = _("You have not called this quarter yet.")
        return Step(text, _("Give your call"), reverse("submission_list"))
    if counts["no_next_step"]:
        text = _("Opportunities have no next step.")
        return Step(text, _("Plan the next step"), _deals(person, "no_next_step"))
    if counts["stalled"]:
        text = _("Opportunities have not moved for a long time.")
        return Step(text, _("Look at them"), _deals(person, "stalled"))
    return Step(_("Nothing is overdue."), _("Open the board"), reverse("opportunity_board"))


def _deals(person: User, attention: str) -> str:
    return f"{reverse('opportunity_list')}?{urlencode({'owner': person.pk, 'attention': attention})}"


@dataclass(frozen=True)
class Missing:
    """A node or a person directly below whose quota is not met, and where the table shows it."""

    row: Row
    figures: Figures

    @property
    def url(self) -> str:
        opened = ",".join(part for part in self.row.path.split("/") if part.isdigit())
        return f"{reverse('team_attainment')}?open={opened}"


@dataclass(frozen=True)
class InPlay:
    """Open deals of one category that close in the quarter, alone and with all that is surer, and their list."""

    label: StrOrPromise
    minor: int
    cumulative_minor: int
    url: str


def _in_play(figures: Figures, credits: CreditFilter | None, period: Period, today: date) -> list[InPlay]:
    """What is committed, and the best case."""
    alone = {name: figures.in_play.get(name, 0) for name in COUNTED}
    sums = cumulate({"closed": figures.intake, **alone})
    return [
        InPlay(one.label, alone[one], sums[one], deals_url(credits, period.span, today, one))
        for one in (Category.COMMIT, Category.BEST_CASE)
    ]


def team_home(mine: Reach, period: Period, today: date, since: datetime) -> dict[str, Any]:
    """The team's attainment, the three largest gaps below, and what changed since the last visit."""
    by_owner = is_by_owner(period)
    basis = Basis.TERRITORY if by_owner else Basis.SEAT
    asked = Question(
        period, year_to_date(period, today), today, basis=basis, is_by_owner=by_owner, covers=True
    )
    team = team_attainment(mine, asked)
    below = [Missing(row, row.figures.last()) for row in team.rows if row.level == 1]
    missing = [one for one in below if (one.figures.gap or 0) > 0]
    text = _("See who is ahead and who is behind.")
    quarter = team.total.last()
    return {
        "period": period,
        "quarter": quarter,
        "is_by_owner": by_owner,
        "in_play": _in_play(quarter, team.credits, period, today),
        "deals_url": deals_url(team.credits, period.span, today),
        "year": team.total,
        "awaiting_url": reverse("order_request_list") if mine.relations("opportunity", "book") else "",
        "names": ", ".join(row.name for row in team.tops),
        "gaps": sorted(missing, key=lambda one: -(one.figures.gap or 0))[:GAPS],
        "since": changes_since(mine, since),
        "step": Step(text, _("Open team attainment"), reverse("team_attainment")),
    }


@dataclass(frozen=True)
class Since:
    """What was recorded in a reach since an instant."""

    instant: datetime
    credits: Count
    won: Count
    opened: Count

    @property
    def won_url(self) -> str:
        return self._deals(state=Stage.Kind.WON, won_since=self.instant.isoformat())

    @property
    def opened_url(self) -> str:
        return self._deals(state="all", opened_since=self.instant.isoformat())

    def _deals(self, **asked: str) -> str:
        return address_of(reverse("opportunity_list"), asked)


def changes_since(mine: Reach, instant: datetime) -> Since:
    """How many ledger entries, won deals and new deals were recorded since the reader's last visit: deals that are
    still won, each once, and without those that were merged into another one.
    """
    seen = mine.q(StageVisit)
    won = won_since(instant).filter(seen)
    opened = opened_since(instant).filter(seen).exclude(opportunity__state=Opportunity.State.MERGED)
    return Since(
        instant=instant,
        credits=capped_count(Credit.objects.visible_to(mine).filter(recorded_at__gt=instant)),
        won=capped_count(won.order_by().values("opportunity").distinct()),
        opened=capped_count(opened),
    )


def admin_home(mine: Reach, today: date) -> dict[str, Any]:
    """Vacancies, overlaps, accounts of nobody, and whether the last night came."""
    night = last_night()
    vacant = [node for node in tree_on(today) if node.is_vacant]
    doubled = doubled_within(Span(today, today + timedelta(days=1)))
    nowhere = unassigned_accounts(mine)
    count = capped_count(nowhere)
    return {
        "vacant": _vacancies(vacant[:SHOWN], today),
        "vacant_count": len(vacant),
        "doubled": doubled[:SHOWN],
        "doubled_count": len({pair.person.pk for pair in doubled}),
        "unassigned": list(nowhere[:SHOWN]),
        "unassigned_count": count,
        "last_night": night,
        "setup": _unfinished(),
        "step": _admin_step(night, len(vacant), count.value, today),
    }


def _unfinished() -> Checklist | None:
    """The checklist of the set-up while figures need more of it and nobody put it away."""
    company = organisation()
    found = checklist() if company and not company.is_set_up else None
    return None if found is None or found.is_complete else found


def _vacancies(nodes: Sequence[Node], today: date) -> list[tuple[Territory, date | None]]:
    """Each territory since the last one left its seat, or else since it has been there."""
    ids = [node.territory.pk for node in nodes]
    ended = Seat.objects.current().filter(territory__in=ids, stops_on__lte=today).order_by()
    last = ended.values_list("territory_id", "kind").annotate(Max("stops_on"))
    left = {(territory, kind): stops_on for territory, kind, stops_on in last}
    edges = Edge.objects.current().filter(child__in=ids).order_by()
    there = dict(edges.values_list("child_id").annotate(Min("starts_on")))
    return [
        (node.territory, left.get((node.territory.pk, node.needed), there[node.territory.pk]))
        for node in nodes
    ]


def _admin_step(last_night: Run | None, vacant: int, unassigned: int, today: date) -> Step:
    if last_night and last_night.has_failed:
        text = _("The last night failed: every figure still rests on the one before.")
        return Step(text, _("See why"), reverse("run_detail", args=[last_night.pk]))
    end = calendar_end() or today
    if end <= today + timedelta(days=policy("calendar_ahead_days")):
        text = _("The last fiscal year ends on %(day)s.") % {"day": format_date(end - timedelta(days=1))}
        text = text if end > today else _("No fiscal year covers today.")
        return Step(text, _("Add the fiscal year"), reverse("year_create"))
    if unassigned:
        return Step(_("Accounts are in nobody's territory."), _("Assign them"), reverse("account_gaps"))
    if vacant:
        text, label = _("Territories have nobody on their seat today."), _("Seat somebody")
    else:
        text, label = _("Everybody has a seat, and every account a territory."), _("Look at the tree")
    return Step(text, label, reverse("territory_tree"))


def coordinator_home(mine: Reach) -> dict[str, Any]:
    """The won deals and the orders that wait for their paperwork and the disputes that wait for an answer, oldest
    first, and the newest orders.
    """
    waiting, requests = lacking_purchase_order(mine), list(requests_in(mine)[:SHOWN])
    awaiting = explained(requests, mine) if requests else []
    disputes = list(to_answer(mine).select_related("raised_by").order_by("pk")[:SHOWN])
    step = Step(_("No order waits for paperwork."), _("Book an order"), reverse("order_book"))
    if complete := [row for row in awaiting if not row.missing]:
        text = _("Nothing is missing any more of %(name)s: its order can be booked.")
        step = Step(text % {"name": complete[0].name}, _("Book it"), complete[0].page)
    elif awaiting:
        step = _awaiting_step(mine, awaiting)
    elif waiting:
        text = _("The oldest order waits for its purchase order number.")
        step = Step(text, _("Open the order"), reverse("order_detail", args=[waiting[0].pk]))
    elif disputes:
        text = _("%(name)s waits for an answer to a dispute.") % {"name": disputes[0].raised_by.name}
        step = Step(text, _("Open the dispute"), reverse("dispute_detail", args=[disputes[0].pk]))
    return {
        "waiting": waiting,
        "awaiting": awaiting,
        "disputes": disputes,
        "newest": newest_orders(mine),
        "step": step,
    }


def _awaiting_step(mine: Reach, shown: Sequence[Waiting]) -> Step:
    """How many await their booking; they are counted only where more wait than the page shows."""
    number = len(shown) if len(shown) < SHOWN else capped_count(requests_in(mine)).value
    text = ngettext(
        "%(number)s order awaits its booking.",
        "%(number)s orders await their booking.",
        number,
    )
    first = shown[0]
    oldest = reverse("opportunity_detail", args=[first.deal.pk]) if first.deal else first.page
    return Step(text % {"number": format_number(number)}, _("Open the oldest one"), oldest)
