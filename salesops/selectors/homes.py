"""The home page of a role: where do I stand, and one next step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, Max, Min, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.selectors import unassigned_accounts
from common.access import Reach
from common.calendars import Span
from common.locale import UNDEFINED, format_date, format_number
from common.models import Period, Run
from common.selectors import Count, calendar_end, capped_count, organisation, policy
from forecasts.models import Submission
from forecasts.selectors import behind
from orders.models import Credit
from orders.selectors.awaiting import Waiting, awaited, explained, waiting_requests
from orders.selectors.orders import lacking_purchase_order, newest_orders
from pipeline.models import Category, Opportunity, Stage, StageVisit
from pipeline.rules.coverage import pipeline_coverage
from pipeline.selectors.worklist import Worklist, worklist
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
    work_left = worklist(person.pk, today)
    open_deals = behind(mine, period, today, owner_id=person.pk)
    rows = [(Category(name).label, amount) for name, amount in open_deals.by_category.items()]
    waits = [part for part in awaited(mine, period.span) if part.person_id == person.pk]
    return {
        "period": period,
        "attainment": mine_now,
        "coverage": _coverage(sum(open_deals.by_category.values()), mine_now.quarter),
        "behind": rows,
        "overdue_minor": open_deals.overdue_minor if open_deals.overdue else None,
        "awaiting_minor": sum(part.plan_minor for part in waits) or None,
        "worklist": work_left,
        "today": today,
        "step": _rep_step(work_left, person, period),
    }


def _coverage(open_minor: int, figures: Figures) -> str:
    ratio = pipeline_coverage(open_minor, figures.quota, figures.intake)
    if ratio == "met":
        return _("met")
    return UNDEFINED if ratio is None else _("%(times)s times") % {"times": format_number(ratio, 1)}


def _rep_step(left: Worklist, person: User, period: Period) -> Step:
    """What is due comes first, then milestones, leads that wait, close dates, the call, and what stands still."""
    if left.due_count:
        text = ngettext("%(number)d task is due.", "%(number)d tasks are due.", left.due_count)
        oldest = reverse("activity_complete", args=[left.due[0].pk])
        return Step(text % {"number": left.due_count}, _("Open the oldest one"), oldest)
    if left.milestones_count:
        text = ngettext(
            "%(number)d milestone is due.", "%(number)d milestones are due.", left.milestones_count
        )
        deal = reverse("opportunity_detail", args=[left.milestones[0].opportunity_id])
        return Step(text % {"number": left.milestones_count}, _("Open the oldest one"), deal)
    if left.untouched_count:
        text = ngettext(
            "%(number)d lead is untouched.", "%(number)d leads are untouched.", left.untouched_count
        )
        oldest = reverse("lead_detail", args=[left.untouched[0].pk])
        return Step(text % {"number": left.untouched_count}, _("Open the oldest one"), oldest)
    if left.overdue.count:
        text = _("Close dates have passed on open opportunities.")
        return Step(text, _("Look at them"), _deals(person, "overdue"))
    if not Submission.objects.filter(person=person, period=period).exists():
        text = _("You have not called this quarter yet.")
        return Step(text, _("Give your call"), reverse("submission_list"))
    if left.no_next_step.count:
        text = _("Opportunities have no next step.")
        return Step(text, _("Plan the next step"), _deals(person, "no_next_step"))
    if left.stalled.count:
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


def team_home(mine: Reach, period: Period, today: date, since: datetime) -> dict[str, Any]:
    """The team's attainment, the three largest gaps below, and what changed since the last visit."""
    team = team_attainment(mine, Question(period, year_to_date(period, today), today))
    below = [Missing(row, row.figures.last()) for row in team.rows if row.level == 1]
    missing = [one for one in below if (one.figures.gap or 0) > 0]
    text = _("See who is ahead and who is behind.")
    return {
        "period": period,
        "quarter": team.total.last(),
        "year": team.total,
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


def changes_since(mine: Reach, instant: datetime) -> Since:
    """How many ledger entries, won deals and new deals were recorded since the reader's last visit: deals that are
    still won, each once, and without those that were merged into another one.
    """
    visits = StageVisit.objects.filter(mine.q(StageVisit), recorded_at__gt=instant)
    earlier = StageVisit.objects.filter(opportunity=OuterRef("opportunity"), pk__lt=OuterRef("pk"))
    won = visits.filter(stage__kind=Stage.Kind.WON, opportunity__state=Opportunity.State.WON)
    opened = visits.filter(~Exists(earlier)).exclude(opportunity__state=Opportunity.State.MERGED)
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
    if last_night and last_night.state == Run.State.FAILED:
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
    """The won deals and the orders that wait for their paperwork, oldest first, and the newest orders."""
    waiting, requests = lacking_purchase_order(mine), list(waiting_requests(mine)[:SHOWN])
    awaiting = explained(requests, mine) if requests else []
    step = Step(_("No order waits for paperwork."), _("Book an order"), reverse("order_book"))
    if complete := [row for row in awaiting if not row.missing]:
        url = f"{reverse('order_book')}?opportunity={complete[0].deal.pk}"
        text = _("Nothing is missing any more of %(name)s: its order can be booked.")
        step = Step(text % {"name": complete[0].deal.name}, _("Book it"), url)
    elif awaiting:
        step = _awaiting_step(mine, awaiting)
    elif waiting:
        text = _("The oldest order waits for its purchase order number.")
        step = Step(text, _("Open the order"), reverse("order_detail", args=[waiting[0].pk]))
    return {"waiting": waiting, "awaiting": awaiting, "newest": newest_orders(mine), "step": step}


def _awaiting_step(mine: Reach, shown: Sequence[Waiting]) -> Step:
    """How many await their booking; they are counted only where more wait than the page shows."""
    number = len(shown) if len(shown) < SHOWN else capped_count(waiting_requests(mine)).value
    text = ngettext(
        "%(number)s won opportunity awaits its booking.",
        "%(number)s won opportunities await their booking.",
        number,
    )
    oldest = reverse("opportunity_detail", args=[shown[0].deal.pk])
    return Step(text % {"number": format_number(number)}, _("Open the oldest one"), oldest)
