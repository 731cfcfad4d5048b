"""What hangs on a territory that is to be retired, merged or split."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import MD5, Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerritory, Rule
from common.locale import format_date
from common.selectors import today
from orders.models import Credit
from pipeline.models import Activity, Opportunity
from planning.models import HandOver
from planning.rules.splitting import Candidate
from quotas.models import Quota
from territories.models import Edge, Seat, Territory, Vacancy
from territories.selectors import in_words, territories_below

NAMED = 5
"""So many of a kind are named; the others are counted."""


@dataclass(frozen=True)
class Hanging:
    """One kind of what hangs on a territory, with the first ones and their pages, and where to end all of them.

    `fate`: what becomes of it where the territory is merged into another. `digest`: a sign of which ones they are.
    """

    what: str
    count: int
    digest: str
    named: list[tuple[str, str]]
    url: str
    label: str
    fate: str

    @property
    def more(self) -> int:
        return self.count - len(self.named)


def hanging_on(territory: Territory, day: date) -> list[Hanging]:
    """What hangs on a territory on that day or later, and would be left behind if it were retired."""
    pk = territory.pk
    here, accounts = reverse("territory_detail", args=[pk]), f"{reverse('account_list')}?territory={pk}"
    branch = f"{reverse('territory_tree')}?below={pk}"
    deals, rules = f"{reverse('opportunity_list')}?territory={pk}", reverse("rule_list")
    goes, ends = _("goes over"), _("ends")
    found = [
        _hanging(_("Territories below it"), nodes_below(pk, day), _node, branch, _("Move them"), goes),
        _hanging(_("Accounts"), accounts_in(pk, day), _account, accounts, _("Assign them elsewhere"), goes),
        _hanging(_("Seats"), seats_on(pk, day), _seat, here, _("End them, or hand them over"), ends),
        _hanging(_("Planned starts"), vacancies_on(pk, day), _vacancy, here, _("Drop the plans"), ends),
        _hanging(_("Planned hand-overs"), hand_overs_on(pk, day), _hand_over, "", "", ends),
        _hanging(_("Open deals"), open_deals(pk, day), _deal, deals, _("See them"), goes),
        _hanging(_("Activities to do"), to_do(pk, day), _activity, "", "", goes),
        _hanging(
            _("Rules in use"), rules_to(pk), _rule, rules, _("Change them"), _("points to the other one")
        ),
    ]
    return [each for each in found if each.count]


def _hanging(what: str, rows: QuerySet[Any], named: Callable[[Any], tuple[str, str]], *words: str) -> Hanging:
    ids = StringAgg(Cast("pk", TextField()), ",", order_by="pk", default=Value(""))
    found = rows.order_by().aggregate(count=Count("pk"), digest=MD5(ids))
    first = [named(row) for row in rows[:NAMED]] if found["count"] else []
    return Hanging(what, found["count"], found["digest"], first, *words)


def nodes_below(territory_id: int, day: date) -> QuerySet[Edge]:
    """What lies below a territory on that day, or will."""
    rows = Edge.objects.overlapping(day, None).filter(parent_id=territory_id).select_related("child")
    return rows.order_by("starts_on", "child__name")


def accounts_in(territory_id: int, day: date) -> QuerySet[Account]:
    """The accounts that are in a territory on that day, or will be, whatever they are covered for."""
    there = AccountTerritory.objects.overlapping(day, None).filter(territory_id=territory_id)
    return Account.objects.filter(Exists(there.filter(account=OuterRef("pk")))).order_by("name_key", "pk")


def seats_on(territory_id: int, day: date) -> QuerySet[Seat]:
    """The seats on a territory on that day, and those that are planned."""
    rows = Seat.objects.overlapping(day, None).filter(territory_id=territory_id)
    return rows.select_related("user").order_by("starts_on", "kind")


def vacancies_on(territory_id: int, day: date) -> QuerySet[Vacancy]:
    """What is planned for vacant seats on a territory on that day or later."""
    rows = Vacancy.objects.overlapping(day, None).filter(territory_id=territory_id)
    return rows.order_by("starts_on")


def hand_overs_on(territory_id: int, day: date) -> QuerySet[HandOver]:
    """The open work that is to pass there with a seat on that day or later, as long as that seat stands."""
    theirs = {"territory": OuterRef("territory"), "kind": OuterRef("kind"), "user": OuterRef("taker")}
    seats = Seat.objects.current().filter(**theirs, starts_on=OuterRef("passes_on"))
    rows = HandOver.objects.filter(
        territory_id=territory_id, state=HandOver.State.PLANNED, passes_on__gte=day
    )
    return rows.filter(Exists(seats)).select_related("giver", "taker")


def rules_to(territory_id: int) -> QuerySet[Rule]:
    """The rules in use that place accounts in a territory."""
    return Rule.objects.filter(is_active=True, territory_id=territory_id)


def open_deals(territory_id: int, day: date) -> QuerySet[Opportunity]:
    """The open deals that stand on a territory and will still do so that day."""
    return _staying(Opportunity.objects.open(), territory_id, day)


def to_do(territory_id: int, day: date) -> QuerySet[Activity]:
    """The activities to do that stand on a territory and will still do so that day."""
    return _staying(Activity.objects.filter(done_at=None), territory_id, day)


def _staying(rows: QuerySet[Any], territory_id: int, day: date) -> QuerySet[Any]:
    """Open work that stands on a territory, but for what leaves with an account that leaves until that day."""
    own = AccountTerritory.in_field().filter(account=OuterRef("account_id"))
    is_here = Exists(own.on(today()).filter(territory_id=territory_id))
    goes = Exists(own.on(day).exclude(territory_id=territory_id))
    return rows.filter(territory_id=territory_id).exclude(is_here & goes).order_by("pk")


def last_booked_on(territory_id: int, day: date) -> date | None:
    """The last day, not before that one, on which order intake was booked on a territory or on who sat there."""
    there = Credit.objects.filter(Q(territory_id=territory_id) | Q(seat_id=territory_id), booked_on__gte=day)
    last: date | None = there.order_by().aggregate(last=Max("booked_on"))["last"]
    return last


def quotas_of(territory_id: int, day: date) -> QuerySet[Quota]:
    """What is asked of a territory for periods that go on after that day: a retired one keeps it."""
    rows = Quota.objects.current().filter(territory_id=territory_id, period__stops_on__gt=day)
    return rows.select_related("period", "family").order_by("period__starts_on", "family__name", "pk")


def _node(edge: Edge) -> tuple[str, str]:
    return edge.child.name, reverse("territory_move", args=[edge.child_id])


def _account(account: Account) -> tuple[str, str]:
    return account.name, reverse("account_detail", args=[account.pk])


def _seat(seat: Seat) -> tuple[str, str]:
    return in_words(seat), reverse("seat_end", args=[seat.pk])


def _vacancy(vacancy: Vacancy) -> tuple[str, str]:
    return str(vacancy.get_kind_display()), reverse("territory_detail", args=[vacancy.territory_id])


def _hand_over(row: HandOver) -> tuple[str, str]:
    words = {"giver": row.giver.name, "taker": row.taker.name, "day": format_date(row.passes_on)}
    named = _("%(giver)s to %(taker)s on %(day)s")
    return named % words, reverse("hand_over_drop", args=[row.pk])


def _deal(deal: Opportunity) -> tuple[str, str]:
    return deal.name, reverse("opportunity_detail", args=[deal.pk])


def _activity(activity: Activity) -> tuple[str, str]:
    return activity.subject, reverse("activity_complete", args=[activity.pk])


def _rule(rule: Rule) -> tuple[str, str]:
    return rule.name, reverse("rule_edit", args=[rule.pk])


def candidates(territory_id: int, day: date) -> list[Candidate]:
    """The accounts that are in a territory on that day, as they can be chosen for a part of it, by name."""
    there = AccountTerritory.objects.on(day).filter(territory_id=territory_id)
    rows = Account.objects.filter(Exists(there.filter(account=OuterRef("pk")))).order_by("name_key", "pk")
    columns = ("pk", "number", "name", "postcode", "town", "region", "country")
    return [
        Candidate(pk, number, name, postcode, tuple(places))
        for pk, number, name, postcode, *places in rows.values_list(*columns)
    ]


def accounts_below(territory_id: int, day: date) -> int:
    """How many accounts lie in the territories below one on that day, in the field."""
    there = AccountTerritory.in_field().on(day)
    return there.filter(territory__in=territories_below(territory_id, day)).count()


@dataclass(frozen=True)
class Taking:
    """What one part of a territory would take; the last one, without a name, is what stays."""

    name: str
    accounts: list[Candidate]

    @property
    def examples(self) -> list[Candidate]:
        return self.accounts[:NAMED]


def takings(parts: Sequence[tuple[str, Collection[int]]], among: Sequence[Candidate]) -> list[Taking]:
    """What each part takes, by its name and the ids of its accounts, and what stays."""
    taken = {pk for name, ids in parts for pk in ids}
    wanted = [(name, set(ids)) for name, ids in parts]
    found = [Taking(name, [each for each in among if each.pk in ids]) for name, ids in wanted]
    return [*found, Taking("", [each for each in among if each.pk not in taken])]
