"""Realignments as a reader sees them: what moves in words, what it would change, and who else touches the same."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Coverage, Hold, ModuleMember
from accounts.selectors.placing import some_of
from common.access import Reach
from common.locale import format_date, format_number
from common.selectors import period_of
from common.transaction import reach, widened
from pipeline.models import Opportunity
from planning.models import Draft, Move
from quotas.rules import attainment
from territories.models import Seat, Territory, User

RUNNING = (Draft.State.OPEN, Draft.State.ASKED, Draft.State.QUEUED)
MOST_NAMED = 50
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
    """A move as a sentence, with what becomes of open work and of quota."""

    move: Move
    text: str
    work: str
    quota: str


def lines_of(draft: Draft) -> list[Line]:
    """The moves of a draft in the order in which they were put in."""
    moves = draft.moves.filter(is_removed=False)
    rows = moves.select_related("draft", "territory", "into", "person", "module", "rule")
    return [Line(move, in_words(move), _work(move), str(_quota(move))) for move in rows]


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
    attainment where a quota is not this territory's alone (`is_shared`).
    """

    name: str
    figures: list[tuple[Figure, Figure]]
    pk: int
    is_cut: bool = False
    is_shared: bool = False


@dataclass(frozen=True)
class Passes:
    """An open deal that a realignment touches: who has it, who gets it and on which day; None where it stays.

    Without a name nobody owns the account's territory by then: it waits until somebody does.
    """

    deal: Opportunity
    owner: str
    to: str
    on: date | None


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


def effect_of(draft: Draft, mine: Reach) -> Effect | None:
    """The preview that a draft keeps, for this reader: figures of territories and people in their reach alone."""
    kept: Any = draft.preview
    if not kept or "refused" in kept:
        return None
    shown, more = _deals(kept["deals"], mine)
    return Effect(
        day=date.fromisoformat(kept["day"]),
        nodes=_with_shared(
            _sides(kept["nodes"], Territory, OF_NODES, _open_to(mine, mine.territories)),
            *kept.get("shared", ([], [])),
        ),
        people=_cut(
            _sides(kept["people"], User, OF_PEOPLE, _open_to(mine, mine.people)),
            _sitting_beyond(draft, _open_to(mine, mine.territories)),
        ),
        accounts=kept["accounts"],
        kept=_kept(kept["kept"], mine),
        dropped=kept["dropped"],
        deals=shown,
        more_deals=more,
        tasks=kept["tasks"],
    )


def _open_to(mine: Reach, ids: frozenset[int]) -> frozenset[int] | None:
    """The ids that a reader may see figures of; None for all."""
    return None if "org" in mine.relations("node_cell") else ids


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


def _deals(rows: Sequence[tuple[int, int, int | None, str | None]], mine: Reach) -> tuple[list[Passes], int]:
    """The largest of these deals in reach, each with who has it and when it passes; and how many more there are."""
    passing = {pk: (person, to, on) for pk, person, to, on in rows}
    found = Opportunity.objects.visible_to(mine).filter(pk__in=list(passing)).select_related("account")
    shown = list(found.order_by("-amount_minor", "pk")[:MOST_NAMED])
    people = {pk for person, to, _on in passing.values() for pk in (person, to) if pk}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    named = [_passes(deal, names, *passing[deal.pk]) for deal in shown]
    return named, found.count() - len(named)


def _passes(deal: Opportunity, names: dict[int, str], person: int, to: int | None, on: str | None) -> Passes:
    return Passes(deal, names[person], names[to] if to else "", date.fromisoformat(on) if on else None)


# ---- who else ----


@dataclass(frozen=True)
class Clash:
    """Another realignment that is not published yet and touches the same: its name, and what both move."""

    draft: Draft
    what: list[str]


def clashes_of(draft: Draft) -> list[Clash]:
    """The other realignments in the making that move the same accounts, territories, seats, modules or rules."""
    with widened("draft", "move", "account", "module_member"):
        mine = list(draft.moves.filter(is_removed=False).select_related("territory", "module", "rule"))
        others = Move.objects.filter(is_removed=False, draft__state__in=RUNNING).exclude(draft=draft)
        rows = list(others.filter(_same(mine)).select_related("draft", "territory", "module", "rule"))
        found: dict[int, Clash] = {}
        taken = _accounts(mine)
        for move in rows:
            clash = found.setdefault(move.draft_id, Clash(move.draft, []))
            clash.what.append(_shared(move, taken))
    return list(found.values())


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
    return [_said(found[one["draft_id"]]) for one in asked]


def _said(draft: Draft) -> str:
    effect = effect_of(draft, reach())
    if effect is None:
        return _("Its effect has to be looked at again.")
    words = {
        "day": format_date(draft.starts_on),
        "accounts": format_number(effect.accounts),
        "deals": format_number(len(effect.deals) + effect.more_deals),
        "nodes": format_number(len(effect.nodes)),
        "moves": some_of(line.text for line in lines_of(draft)),
    }
    message = _(
        "From %(day)s: %(moves)s. Accounts that move: %(accounts)s; open deals that pass or stay: %(deals)s; "
        "territories whose figures change: %(nodes)s. What is booked stays where it was sold."
    )
    return message % words
