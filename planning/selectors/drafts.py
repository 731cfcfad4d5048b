"""Realignments as a reader sees them: what moves in words, what it would change, and who else touches the same."""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Round
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Coverage, Hold, ModuleMember
from accounts.selectors.placing import NAMED, some_of
from common.access import Reach
from common.locale import format_date, format_number
from common.models import Rate
from common.selectors import period_of
from common.transaction import reach, widened
from pipeline.models import Opportunity
from pipeline.selectors.opportunities import factors, worth
from planning.models import Draft, Move
from planning.rules.work import NEAR
from planning.selectors.assign import Waiting, waiting_requests
from planning.selectors.whereabouts import names_on, where_on
from quotas.rules import attainment
from territories.models import Seat, Territory, User

RUNNING = (Draft.State.OPEN, Draft.State.ASKED, Draft.State.QUEUED)
MOST_NAMED = 50
MOST_READ = 200
"""Of so many accounts of a move the first by name are told."""
OF_NODES = (
    "accounts",
    "pipeline_all",
    "commit",
    "quota",
    "sold",
    "attainment",
    "now",
    "forecast",
    "best_case",
    "pipeline",
    "potential",
    "unknown",
    "minutes",
)
"""The figures of a territory that a preview sets side by side: those of `measures`, and what they come to."""
OF_PEOPLE = ("accounts", "pipeline_all", "commit", "quota", "intake", "attainment")
OF_PLACES = frozenset({"accounts", "intake", "attainment"})
"""Those of a person's figures that come from where they sit."""
Figure = int | Fraction | None


def drafts(mine: Reach) -> QuerySet[Draft]:
    """The realignments in reach, newest first."""
    rows: QuerySet[Draft] = Draft.objects.visible_to(mine).select_related("made_by", "approved_by", "undoes")
    return rows


def open_drafts(mine: Reach) -> list[tuple[int, str]]:
    """The drafts that the reader may put something into, newest first, each with its day; as a form offers them."""
    rows = Draft.objects.visible_to(mine).filter(state=Draft.State.OPEN)
    label = _("%(name)s, from %(day)s on")
    return [
        (draft.pk, label % {"name": draft.name, "day": format_date(draft.starts_on)})
        for draft in rows
        if mine.allows("draft", "update", draft)
    ]


@dataclass(frozen=True)
class Line:
    """A move as a sentence, which accounts it names, and what becomes of open work and of quota."""

    move: Move
    text: str
    accounts: str
    work: str
    quota: str


def lines_of(draft: Draft) -> list[Line]:
    """The moves of a draft in the order in which they were put in."""
    moves = draft.moves.filter(is_removed=False)
    rows = moves.select_related("draft", "territory", "into", "person", "module", "rule")
    named = _named_accounts(rows, draft.starts_on, is_done=draft.state == Draft.State.PUBLISHED)
    return [
        Line(move, in_words(move), named.get(move.pk, ""), _work(move), str(_quota(move))) for move in rows
    ]


def _named_accounts(moves: Iterable[Move], day: date, *, is_done: bool) -> dict[int, str]:
    """The first accounts that each move names, as far as the reader sees them, with where they are on that day; once it
    is published (`is_done`), where they came from.
    """
    ids = {pk for move in moves for pk in move.account_ids[:MOST_READ]}
    rows = Account.objects.visible_to(reach()).filter(pk__in=ids).order_by("name_key", "pk")
    names: dict[int, str] = dict(rows.values_list("pk", "name")) if ids else {}
    order = {pk: place for place, pk in enumerate(names)}
    shown = {
        move.pk: heapq.nsmallest(NAMED, order.keys() & move.account_ids[:MOST_READ], key=order.__getitem__)
        for move in moves
        if move.account_ids
    }
    few = {pk for some in shown.values() for pk in some}
    where = _came_from(moves, day) if is_done else where_on(few, day) if few else {}
    told = {pk: f"{names[pk]} ({where[pk]})" if where.get(pk) else names[pk] for pk in few}
    return {
        move.pk: some_of([told[pk] for pk in shown[move.pk]], len(move.account_ids))
        for move in moves
        if move.pk in shown
    }


def _came_from(moves: Iterable[Move], day: date) -> dict[int, str]:
    """Where accounts were before they moved; one that did not move has none."""
    places = {int(pk): node for move in moves for pk, node in move.came_from.items() if pk.isdigit()}
    names = names_on({node for node in places.values() if node}, day)
    return {pk: names.get(node, "") for pk, node in places.items()}


def in_words(move: Move) -> str:
    """What moves where, such as *West Team goes below East* or *12 accounts go to East 1*."""
    words = {
        "territory": move.territory.name if move.territory else "",
        "into": move.into.name if move.into else "",
        "person": move.person.name if move.person else _("nobody"),
        "seat": move.get_seat_kind_display(),
        "what": str(move.module or move.rule or ""),
        "count": format_number(len(move.account_ids)),
    }
    several = ngettext(
        "%(count)s account goes to %(into)s", "%(count)s accounts go to %(into)s", len(move.account_ids)
    )
    said = {
        Move.Kind.NODE: _("%(territory)s goes below %(into)s")
        if move.into
        else _("%(territory)s is a root again"),
        Move.Kind.SEAT: _("%(person)s becomes %(seat)s of %(territory)s"),
        Move.Kind.ACCOUNTS: several,
        Move.Kind.MODULE: _("The module %(what)s goes to %(into)s"),
        Move.Kind.RULE: _("The rule %(what)s leads to %(into)s, with the accounts that it placed"),
    }
    return said[Move.Kind(move.kind)] % words


def _work(move: Move) -> str:
    if move.kind == Move.Kind.NODE or move.coverage != Coverage.FIELD:
        return ""
    if move.stays_until:
        return _("Open work stays with its owner until %(day)s") % {"day": format_date(move.stays_until)}
    return _("Open work: %(choice)s") % {"choice": move.get_open_work_display()}


def _quota(move: Move) -> str:
    if move.kind in (Move.Kind.NODE, Move.Kind.RULE) or move.coverage != Coverage.FIELD:
        return ""
    if move.draft.undoes_id:
        return _("Quota that moved with it goes back for the days that are left")
    return _("Quota: %(choice)s") % {"choice": move.get_quota_display()}


# ---- what it would change ----


@dataclass(frozen=True)
class Side:
    """One row of a preview: a territory or a person, and each figure before and after.

    Of somebody who also sits where the reader does not read (`is_cut`) the figures `OF_PLACES` are left out;
    attainment where a quota is not this territory's alone (`is_shared`). `depth`: below how many of the rows it lies.
    """

    name: str
    figures: list[tuple[Figure, Figure]]
    pk: int
    is_cut: bool = False
    is_shared: bool = False
    depth: int = 0


@dataclass(frozen=True)
class Passes:
    """An open deal that a realignment touches: who has it, who gets it and on which day; None where it stays.

    Without a name nobody owns the account's territory by then: it waits until somebody does. `why`: what its move says
    of open work.
    """

    deal: Opportunity
    owner: str
    to: str
    on: date | None
    why: str = ""


@dataclass(frozen=True)
class Worth:
    """Some deals: how many, and what they come to at the plan rate."""

    count: int = 0
    minor: int = 0


@dataclass(frozen=True)
class Effect:
    """What a draft would change, as far as its reader may see it; `refused` says why it could not be published."""

    day: date
    nodes: list[Side]
    people: list[Side]
    accounts: int
    kept: list[Hold]
    dropped: int
    deals: list[Passes]
    more_deals: int
    tasks: int
    nodes_total: Side | None
    people_total: Side | None
    passing: Worth
    staying: Worth
    quotas: int


def effect_of(draft: Draft, mine: Reach) -> Effect | None:
    """The preview that a draft keeps, for this reader: figures of territories and people in their reach alone."""
    kept: Any = draft.preview
    if not kept or "refused" in kept:
        return None
    shown, more = _deals(kept["deals"], mine)
    ways = {pk: (before, after) for pk, before, after in kept.get("ways", ())}
    nodes = _placed(
        _with_shared(
            _sides(kept["nodes"], Territory, OF_NODES, _open_to(mine, mine.territories)),
            *kept.get("shared", ([], [])),
        ),
        ways,
    )
    people = _cut(
        _sides(kept["people"], User, OF_PEOPLE, _open_to(mine, mine.people)),
        _sitting_beyond(draft, _open_to(mine, mine.territories)),
    )
    day = date.fromisoformat(kept["day"])
    passing, staying = _worth_of(kept["deals"], mine, day)
    return Effect(
        day=day,
        nodes=nodes,
        people=people,
        accounts=kept["accounts"],
        kept=_kept(kept["kept"], mine),
        dropped=kept["dropped"],
        deals=shown,
        more_deals=more,
        tasks=kept["tasks"],
        nodes_total=total_of_nodes(nodes, ways),
        people_total=total_of_people(people),
        passing=passing,
        staying=staying,
        quotas=_quotas(kept["quotas"], _open_to(mine, mine.people)),
    )


def _quotas(rows: Sequence[Any], open_to: frozenset[int] | None) -> int:
    """How many people's quota changes, in this quarter or a later one."""
    people = {person for person, *_rest, by in rows if person and by}
    return len(people if open_to is None else people & open_to)


Ways = Mapping[int, tuple[Sequence[int], Sequence[int]]]
"""By territory the ids from the top down to it, before and after; none where it is not in that tree."""


def _placed(sides: Sequence[Side], ways: Ways) -> list[Side]:
    """The rows in the order of the tree as it is after, else was before, each as far in as it lies below others."""
    if not ways:
        return list(sides)
    order = {side.pk: place for place, side in enumerate(sides)}
    above = {pk: [one for one in (ways[pk][1] or ways[pk][0]) if one in order] for pk in order}
    rows = sorted(sides, key=lambda side: [order[one] for one in above[side.pk]])
    return [replace(side, depth=max(len(above[side.pk]) - 1, 0)) for side in rows]


def total_of_nodes(sides: Sequence[Side], ways: Ways) -> Side | None:
    """What the rows come to: the sums of those that lie below none of the others, before and after each by its tree."""
    if not ways:
        return None
    shown = {side.pk for side in sides}
    tops = [
        [side for side in sides if (way := ways[side.pk][when]) and shown.isdisjoint(way[:-1])]
        for when in (0, 1)
    ]
    is_shared = any(side.is_shared for side in (*tops[0], *tops[1]))
    return _total(OF_NODES, "sold", tops, is_shared=is_shared)


def total_of_people(sides: Sequence[Side]) -> Side | None:
    """What the rows come to. Quota is not added up: that of a lead holds those of their people."""
    total = _total(OF_PEOPLE, "intake", [sides, sides])
    is_cut = any(side.is_cut for side in sides)
    left = {"quota", "attainment"} | (OF_PLACES if is_cut else set())
    pairs = zip(OF_PEOPLE, total.figures, strict=True)
    return replace(total, figures=[(None, None) if name in left else pair for name, pair in pairs])


def _total(
    names: Sequence[str], intake: str, tops: Sequence[Sequence[Side]], *, is_shared: bool = False
) -> Side:
    """The sums of rows before and of rows after; attainment out of the sums of intake and quota."""
    sums: list[dict[str, Figure]] = []
    for when, sides in enumerate(tops):
        sums.append(
            {name: _sum(side.figures[place][when] for side in sides) for place, name in enumerate(names)}
        )
        of, quota = sums[when].get(intake), sums[when].get("quota")
        reached = attainment(int(of or 0), None if quota is None else int(quota))
        sums[when]["attainment"] = None if is_shared else reached
    return Side("", [(sums[0][name], sums[1][name]) for name in names], 0)


def _sum(figures: Iterable[Figure]) -> Figure:
    """What is known added up; None where nothing is."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def _open_to(mine: Reach, ids: frozenset[int]) -> frozenset[int] | None:
    """The ids that a reader may see figures of; None for all."""
    return None if "org" in mine.relations("node_cell") else ids


def name_in(kept: Any, mine: Reach, territory: int | None, person: int | None) -> str | None:
    """What a territory or a person is called that has a row in a preview; None where this reader has no such row."""
    pk, rows = person or territory or 0, kept["people"] if person else kept["nodes"]
    open_to = _open_to(mine, mine.people if person else mine.territories)
    if all(row[0] != pk for row in rows) or (open_to is not None and pk not in open_to):
        return None
    named = User.objects if person else Territory.objects
    name: str = named.values_list("name", flat=True).get(pk=pk)
    return name


def _sides(
    rows: Sequence[Any], model: Any, names: Sequence[str], open_to: frozenset[int] | None
) -> list[Side]:
    shown = [row for row in rows if open_to is None or row[0] in open_to]
    labels = dict(model.objects.filter(pk__in=[pk for pk, *_rest in shown]).values_list("pk", "name"))
    return [
        Side(labels[pk], [(_figure(before, name), _figure(after, name)) for name in names], pk)
        for pk, before, after in shown
    ]


def _with_shared(sides: Sequence[Side], before: Collection[int], after: Collection[int]) -> list[Side]:
    """The rows of territories, without attainment where a quota is for several of them or stands in another one."""
    return [
        _without_attainment(side, side.pk in before, side.pk in after)
        if side.pk in {*before, *after}
        else side
        for side in sides
    ]


def _without_attainment(side: Side, *is_shared: bool) -> Side:
    figures = list(side.figures)
    place = OF_NODES.index("attainment")
    before, after = figures[place]
    figures[place] = None if is_shared[0] else before, None if is_shared[1] else after
    return replace(side, figures=figures, is_shared=True)


def _sitting_beyond(draft: Draft, open_to: frozenset[int] | None) -> set[int]:
    """Who sits, or would, on territories that the reader does not read, at some time of the quarter up to the day."""
    if open_to is None:
        return set()
    day, period = draft.starts_on, period_of(draft.starts_on)
    seats = Seat.objects.overlapping(period.starts_on if period else day, day + timedelta(days=1))
    sat = set(seats.exclude(territory__in=open_to).values_list("user_id", flat=True))
    seated = draft.moves.filter(is_removed=False, kind=Move.Kind.SEAT).exclude(territory__in=open_to)
    return sat.union(seated.values_list("person_id", flat=True))


def _cut(sides: Sequence[Side], beyond: Collection[int]) -> list[Side]:
    """The rows of people, without what those sell and have elsewhere who sit beyond the reader's territories."""
    return [_without_places(side) if side.pk in beyond else side for side in sides]


def _without_places(side: Side) -> Side:
    pairs = zip(OF_PEOPLE, side.figures, strict=True)
    left = [(None, None) if name in OF_PLACES else pair for name, pair in pairs]
    return replace(side, figures=left, is_cut=True)


def _figure(of: Mapping[str, int | None], name: str) -> Figure:
    """A figure that was measured, or what measured ones come to: attainment, and closed with Commit as the forecast."""
    intake = of.get("intake", of.get("sold")) or 0
    if name == "attainment":
        return attainment(intake, of.get("quota"))
    if name == "forecast":
        return (of.get("now") or 0) + (of.get("commit") or 0)
    return of.get(name)


def _kept(ids: Collection[int], mine: Reach) -> list[Hold]:
    """The holds that keep accounts where they are, of accounts in reach."""
    visible = Account.objects.visible_to(mine).filter(pk__in=ids)
    rows = Hold.objects.current().filter(account__in=visible.values("pk"))
    return list(rows.select_related("account", "person").order_by("account__name_key")[:MOST_NAMED])


def _deals(rows: Sequence[Any], mine: Reach) -> tuple[list[Passes], int]:
    """The largest of these deals in reach, each with who has it and when it passes; and how many more there are."""
    found = Opportunity.objects.visible_to(mine).filter(pk__in=[row[0] for row in rows])
    shown = list(largest_first(found.select_related("account"))[:MOST_NAMED])
    return passes_of(shown, rows), found.count() - len(shown)


def largest_first(deals: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """These deals by their amounts, those without one last."""
    return deals.order_by(F("amount_minor").desc(nulls_last=True), "pk")


def passes_of(deals: Sequence[Opportunity], rows: Sequence[Any]) -> list[Passes]:
    """What becomes of these deals, by the rows of a preview."""
    passing = {pk: rest for pk, *rest in rows}
    people = {pk for deal in deals for pk in passing[deal.pk][:2] if pk}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    return [_passes(deal, names, *passing[deal.pk]) for deal in deals]


def _passes(
    deal: Opportunity,
    names: dict[int, str],
    person: int,
    to: int | None,
    on: str | None,
    choice: str | None = None,
    closing: str | None = None,
) -> Passes:
    day = date.fromisoformat(on) if on else None
    close_on = date.fromisoformat(closing) if closing else deal.close_on
    return Passes(deal, names[person], names[to] if to else "", day, _why(choice, day, close_on))


def _why(choice: str | None, on: date | None, close_on: date) -> str:
    """Why a deal stays with who has it, for good or until a day. `close_on`: when it was to close as that was seen."""
    if choice == Move.OpenWork.UNTIL:
        return _("the move says until then")
    if on or choice is None:
        return ""
    if choice == Move.OpenWork.CLOSED:
        return _("the move says until it is closed")
    words = {"day": format_date(close_on), "days": NEAR.days}
    return _("Commit, and closes on %(day)s, within %(days)s days of the move") % words


def _worth_of(rows: Sequence[Any], mine: Reach, day: date) -> tuple[Worth, Worth]:
    """What the deals in reach that pass come to, and those that stay."""
    found = Opportunity.objects.visible_to(mine).order_by()
    plan = Sum(Round(worth(factors(Rate.Kind.PLAN, day))))

    def worth_of(ids: Collection[int]) -> Worth:
        if not ids:
            return Worth()
        total = found.filter(pk__in=ids).aggregate(count=Count("pk"), minor=plan)
        return Worth(total["count"], int(total["minor"] or 0))

    return worth_of([row[0] for row in rows if row[3]]), worth_of([row[0] for row in rows if not row[3]])


# ---- who else ----


@dataclass(frozen=True)
class Clash:
    """Another realignment that is not published yet, and what both move; `is_read`: the reader may open it."""

    draft: Draft
    what: list[str]
    is_read: bool


def clashes_of(draft: Draft) -> list[Clash]:
    """The other realignments in the making that move the same accounts, territories, seats, modules or rules."""
    with widened("draft", "move", "account", "module_member"):
        mine = list(draft.moves.filter(is_removed=False).select_related("territory", "module", "rule"))
        others = Move.objects.filter(is_removed=False, draft__state__in=RUNNING).exclude(draft=draft)
        rows = list(others.filter(_same(mine)).select_related("draft", "territory", "module", "rule"))
        shared: dict[Draft, list[str]] = defaultdict(list)
        taken = _accounts(mine)
        for move in rows:
            shared[move.draft].append(_shared(move, taken))
    ids = [other.pk for other in shared]
    seen = Draft.objects.visible_to(reach()).filter(pk__in=ids).values_list("pk", flat=True) if ids else ()
    read = set(seen)
    return [Clash(other, what, other.pk in read) for other, what in shared.items()]


def waiting_of(draft: Draft) -> list[Waiting]:
    """The requests that wait for approval and assign some of the accounts that a draft moves in the field."""
    moves = draft.moves.filter(is_removed=False, rule=None)
    return waiting_requests(_accounts(list(moves)))


def _same(moves: Sequence[Move]) -> Q:
    """Moves that touch what these touch."""
    found = Q(pk__in=[])
    for move in moves:
        if move.kind == Move.Kind.SEAT:
            found |= Q(kind=move.kind, territory=move.territory_id, seat_kind=move.seat_kind)
        elif move.kind == Move.Kind.NODE:
            found |= Q(kind=move.kind, territory=move.territory_id)
        elif move.kind == Move.Kind.RULE:
            found |= Q(kind=move.kind, rule=move.rule_id)
    taken = sorted(_accounts(moves))
    modules = ModuleMember.objects.current().filter(account__in=taken).values_list("module_id", flat=True)
    return found | Q(account_ids__overlap=taken) | Q(kind=Move.Kind.MODULE, module__in=set(modules))


def _accounts(moves: Sequence[Move]) -> set[int]:
    """All accounts that the moves take along, those of modules among them."""
    modules = [move.module_id for move in moves if move.module_id]
    members = ModuleMember.objects.current().filter(module__in=modules).values_list("account_id", flat=True)
    return {pk for move in moves for pk in move.account_ids}.union(members)


def _shared(move: Move, taken: Collection[int]) -> str:
    if move.kind != Move.Kind.ACCOUNTS:
        return in_words(move)
    both = len(set(taken).intersection(move.account_ids))
    return ngettext("%(count)s account", "%(count)s accounts", both) % {"count": format_number(both)}


def realignment_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """What publishing each of these drafts would do, in a sentence, as far as its reader may see it."""
    with widened("draft"):
        found = Draft.objects.in_bulk([one["draft_id"] for one in asked])
    moves: dict[int, list[Move]] = defaultdict(list)
    rows = Move.objects.filter(draft__in=found, is_removed=False)
    for move in rows.select_related("territory", "into", "person", "module", "rule"):
        moves[move.draft_id].append(move)
    named = {pk for draft in found.values() for pk in _deal_ids(draft)}
    deals = Opportunity.objects.visible_to(reach()).filter(pk__in=named).order_by()
    seen = frozenset(deals.values_list("pk", flat=True))
    return [_said(found[one["draft_id"]], moves[one["draft_id"]], seen) for one in asked]


def _deal_ids(draft: Draft) -> set[int]:
    return {row[0] for row in (draft.preview or {}).get("deals", ())}


def _said(draft: Draft, moves: Sequence[Move], deals: Collection[int]) -> str:
    """`deals`: those that the reader sees, of all such drafts."""
    kept: Any = draft.preview
    if not kept or "refused" in kept:
        return _("Its effect has to be looked at again.")
    open_to = _open_to(reach(), reach().territories)
    words = {
        "day": format_date(draft.starts_on),
        "accounts": format_number(kept["accounts"]),
        "deals": format_number(len(_deal_ids(draft).intersection(deals))),
        "nodes": format_number(sum(open_to is None or row[0] in open_to for row in kept["nodes"])),
        "moves": some_of(in_words(move) for move in moves),
    }
    message = _(
        "From %(day)s: %(moves)s. Accounts that move: %(accounts)s; open deals that pass or stay: %(deals)s; "
        "territories whose figures change: %(nodes)s. What is booked stays where it was sold."
    )
    return message % words
