"""Realignments as a reader sees them: what moves, in words."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Coverage
from accounts.selectors.placing import NAMED, some_of
from common.access import Reach
from common.locale import format_date, format_number
from common.transaction import reach, widened
from planning.models import Draft, Move
from planning.selectors.effects import summary_of
from planning.selectors.previews import Gist, gists_of
from planning.selectors.seats import planned_after
from planning.selectors.whereabouts import names_on, where_on

RUNNING = (Draft.State.OPEN, Draft.State.ASKED, Draft.State.QUEUED)
MOST_READ = 200
"""Of so many accounts of a move the first by name are told."""


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
    planned: str = ""


def lines_of(draft: Draft) -> list[Line]:
    """The moves of a draft in the order in which they were put in."""
    moves = draft.moves.filter(is_removed=False)
    rows = list(moves.select_related("territory", "into", "person", "module", "rule"))
    for move in rows:
        move.draft = draft
    named = _named_accounts(rows, draft.starts_on, is_done=draft.state == Draft.State.PUBLISHED)
    return [
        Line(move, in_words(move), named.get(move.pk, ""), _work(move), str(_quota(move)), _planned(move))
        for move in rows
    ]


def _planned(move: Move) -> str:
    """Another change of the same seat that is planned for a later day: both stand."""
    if move.kind != Move.Kind.SEAT or move.draft.state not in RUNNING:
        return ""
    return planned_after(move.territory_id or 0, move.seat_kind, move.draft.starts_on)


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
    if undone := move.draft.undoes:
        moved = _("Quota that moved with it goes back for the days that are left")
        return moved if quota_moved(undone) else _("No quota moved with it, and none goes back")
    return _("Quota: %(choice)s") % {"choice": move.get_quota_display()}


def quota_moved(draft: Draft) -> bool:
    """Whether a realignment moved quota, by what was seen of it."""
    return any(row[-1] for row in (draft.preview or {}).get("quotas", ()))


def realignment_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """What publishing each of these drafts would do, in a sentence, as far as its reader may see it."""
    with widened("draft"):
        found = Draft.objects.in_bulk([one["draft_id"] for one in asked])
    moves: dict[int, list[Move]] = defaultdict(list)
    rows = Move.objects.filter(draft__in=found, is_removed=False)
    for move in rows.select_related("territory", "into", "person", "module", "rule"):
        moves[move.draft_id].append(move)
    gists = gists_of(found.values(), reach())
    return [_said(found[pk], moves[pk], gists.get(pk)) for pk in (one["draft_id"] for one in asked)]


def _said(draft: Draft, moves: Sequence[Move], gist: Gist | None) -> str:
    if gist is None:
        return _("Its effect has to be looked at again.")
    words = {
        "day": format_date(draft.starts_on),
        "moves": some_of(in_words(move) for move in moves),
        "summary": summary_of(gist),
    }
    return _("From %(day)s: %(moves)s. %(summary)s") % words
