"""What a kept preview of a realignment says to its reader: figures side by side, deals that pass or stay."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Round
from django.utils.translation import gettext as _

from accounts.models import Account, Hold
from common.access import Reach
from common.locale import format_date
from common.models import Rate
from common.selectors import period_of
from pipeline.models import Opportunity
from pipeline.selectors.opportunities import factors, worth
from planning.models import Draft, Move
from planning.rules.work import NEAR
from quotas.rules import attainment
from territories.models import Seat, Territory, User

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
class Gist:
    """What an effect comes to.

    `quotas`: how many people's quota changes; `is_resold`: whether orders of the draft's own day count under the new
    tree.
    """

    accounts: int
    passing: Worth
    staying: Worth
    quotas: int
    is_resold: bool


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
    gist: Gist


def effect_of(draft: Draft, mine: Reach) -> Effect | None:
    """The preview that a draft keeps, for this reader: figures of territories and people in their reach alone."""
    kept: Any = draft.preview
    if not kept or "refused" in kept:
        return None
    day = date.fromisoformat(kept["day"])
    shown, more = _deals(kept["deals"], mine, day)
    ways = {pk: (before, after) for pk, before, after in kept.get("ways", ())}
    nodes = _placed(
        _with_shared(
            _sides(kept["nodes"], Territory, OF_NODES, seen_ids(mine, mine.territories)),
            *kept.get("shared", ([], [])),
        ),
        ways,
    )
    people = _cut(
        _sides(kept["people"], User, OF_PEOPLE, seen_ids(mine, mine.people)),
        _sitting_beyond(draft, seen_ids(mine, mine.territories)),
    )
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
        gist=gists_of([draft], mine)[draft.pk],
    )


def gists_of(drafts: Iterable[Draft], mine: Reach) -> dict[int, Gist]:
    """What the kept previews of these drafts come to for this reader; one without an effect has none."""
    kept: dict[int, Any] = {
        one.pk: one.preview for one in drafts if one.preview and "refused" not in one.preview
    }
    named: dict[str, set[int]] = defaultdict(set)
    for one in kept.values():
        named[one["day"]] |= {row[0] for row in one["deals"]}
    worths = {day: _worths(ids, mine, date.fromisoformat(day)) for day, ids in named.items()}
    return {pk: _gist(one, worths[one["day"]], mine) for pk, one in kept.items()}


def _worths(ids: Collection[int], mine: Reach, day: date) -> dict[int, int]:
    """What these deals in reach come to at the plan rate of that day, each rounded once."""
    found = Opportunity.objects.visible_to(mine).filter(pk__in=ids).order_by()
    rows = found.annotate(worth=Round(worth(factors(Rate.Kind.PLAN, day)))).values_list("pk", "worth")
    return {pk: int(minor or 0) for pk, minor in rows} if ids else {}


def _gist(kept: Any, worths: Mapping[int, int], mine: Reach) -> Gist:
    passing, staying = (
        [worths[row[0]] for row in kept["deals"] if bool(row[3]) == passes and row[0] in worths]
        for passes in (True, False)
    )
    open_to = seen_ids(mine, mine.territories)
    sold = [
        before.get("sold") != after.get("sold")
        for pk, before, after in kept["nodes"]
        if open_to is None or pk in open_to
    ]
    return Gist(
        accounts=kept["accounts"],
        passing=Worth(len(passing), sum(passing)),
        staying=Worth(len(staying), sum(staying)),
        quotas=_quotas(kept["quotas"], seen_ids(mine, mine.people)),
        is_resold=any(sold),
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


def seen_ids(mine: Reach, ids: frozenset[int]) -> frozenset[int] | None:
    """The ids that a reader may see figures of; None for all."""
    return None if "org" in mine.relations("node_cell") else ids


def name_in(kept: Any, mine: Reach, territory: int | None, person: int | None) -> str | None:
    """What a territory or a person is called that has a row in a preview; None where this reader has no such row."""
    pk, rows = person or territory or 0, kept["people"] if person else kept["nodes"]
    open_to = seen_ids(mine, mine.people if person else mine.territories)
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


def _deals(rows: Sequence[Any], mine: Reach, day: date) -> tuple[list[Passes], int]:
    """The largest of these deals in reach, each with who has it and when it passes; and how many more there are."""
    found = Opportunity.objects.visible_to(mine).filter(pk__in=[row[0] for row in rows])
    shown = list(largest_first(found.select_related("account"))[:MOST_NAMED])
    return passes_of(shown, rows, day), found.count() - len(shown)


def largest_first(deals: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """These deals by their amounts, those without one last."""
    return deals.order_by(F("amount_minor").desc(nulls_last=True), "pk")


def passes_of(deals: Sequence[Opportunity], rows: Sequence[Any], day: date) -> list[Passes]:
    """What becomes of these deals, by the rows of a preview of that day."""
    passing = {pk: rest for pk, *rest in rows}
    people = {pk for deal in deals for pk in passing[deal.pk][:2] if pk}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    return [_passes(deal, day, names, *passing[deal.pk]) for deal in deals]


def _passes(
    deal: Opportunity,
    moves_on: date,
    names: dict[int, str],
    person: int,
    to: int | None,
    on: str | None,
    choice: str | None = None,
    closing: str | None = None,
) -> Passes:
    day = date.fromisoformat(on) if on else None
    close_on = date.fromisoformat(closing) if closing else deal.close_on
    why = _why(choice, day, close_on, moves_on)
    return Passes(deal, names[person], names[to] if to else "", day, why)


def _why(choice: str | None, on: date | None, close_on: date, moves_on: date) -> str:
    """Why a deal stays with who has it, for good or until a day. `close_on`: when it was to close as that was seen."""
    if choice == Move.OpenWork.UNTIL:
        return _("the move says until then")
    if on or choice is None:
        return ""
    if choice == Move.OpenWork.CLOSED:
        return _("the move says until it is closed")
    words = {"day": format_date(close_on), "days": NEAR.days}
    if close_on < moves_on:
        return _("Commit, and due to close on %(day)s, before the move") % words
    return _("Commit, and closes on %(day)s, within %(days)s days of the move") % words
