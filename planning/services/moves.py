"""The moves of a realignment, made: what `publish` does for good and a preview takes back."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerritory, Cause, Coverage, Rule
from accounts.selectors.modules import members_of
from accounts.selectors.placing import in_the_way, some_of
from accounts.services import apply_due_assignments, assign_accounts
from accounts.services.rules import lead_rule
from common.access import found
from common.errors import Refused
from common.selectors import today
from common.transaction import act, reach
from pipeline.services import follow_waiting
from planning.models import Draft, Move, Passing, QuotaPolicy
from planning.rules.seats import ramp_left
from planning.selectors.differences import Moved
from planning.selectors.handover import Handed, handed_by
from planning.selectors.shape import Shape
from planning.services.passing import pass_due, passings_of
from planning.services.quota_moves import QuotaMoves
from planning.services.tree import follow_mergers
from territories import services as territories
from territories.models import Edge, Seat
from territories.services.seats import lock_seats
from territories.services.tree import lock_tree


@dataclass
class Made:
    """What the moves of a draft did: which accounts went from where to where, what stayed and why, whose quota changed.

    `places`: by account and coverage the territory before and after. `kept`: the accounts that a hold kept; `dropped`:
    how many assignments of a later day it drops. `passings`: open work that changes hands, or stays. `nodes` and
    `people`: those whom a move names, or whose territory it touches; `paths` says where these territories then hang.
    `handed`: who will have what planned hand-overs pass by then. `choices`: by deal what its move says of open work.
    """

    places: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    kept: list[int] = field(default_factory=list)
    dropped: int = 0
    passings: list[Passing] = field(default_factory=list)
    nodes: set[int] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    quotas: QuotaMoves = field(default_factory=QuotaMoves)
    paths: dict[int, list[int]] = field(default_factory=dict)
    handed: Handed = field(default_factory=lambda: Handed({}, {}))
    choices: dict[int, str] = field(default_factory=dict)

    def passes(self, move: Move, rows: list[Passing]) -> None:
        """Open work that changes hands with a move, or stays."""
        self.passings += rows
        self.choices |= {row.opportunity_id: move.open_work for row in rows if row.opportunity_id}

    def said(self) -> Moved:
        """All that moves, in rows by kind: what a preview keeps and publishing compares."""
        work = sorted(self.passings, key=lambda row: (row.opportunity_id or 0, row.activity_id or 0))
        return {
            "places": [[pk, coverage, *where] for (pk, coverage), where in sorted(self.places.items())],
            "kept": [[pk] for pk in sorted(self.kept)],
            "deals": [_work_row(row.opportunity_id, row) for row in work if row.opportunity_id],
            "tasks": [_work_row(row.activity_id, row) for row in work if row.activity_id],
            "quotas": sorted(
                ([*key, amount] for key, (amount, _why) in self.quotas.wanted.items()),
                key=lambda row: [str(part) for part in row],
            ),
            "paths": [[pk, path] for pk, path in sorted(self.paths.items())],
            "people": [[pk] for pk in sorted(self.people)],
        }

    def digest(self) -> str:
        """A sign of all that moves: two of one sign move the same things to the same places on the same days."""
        return sha256(json.dumps(self.said()).encode()).hexdigest()


def _work_row(pk: int | None, row: Passing) -> list[Any]:
    return [pk, row.person_id, row.passes_on.isoformat() if row.passes_on else None]


@act
def make_moves(*, draft: Draft, by: int) -> Made:
    """Make every move of a draft from its day on; for acts, which have checked authority. Raises Refused.

    Territories first, then accounts, then people, so that each finds the tree of the draft. What was there before each
    move is kept on it.
    """
    lock_tree()  # the tree, then territories, as all acts do: docs/architecture.md, *Whose turn it is*
    drop_undone(draft)
    made = Made(handed=handed_by(draft.starts_on))
    moves = list(draft.moves.filter(is_removed=False))
    # All at once and first, so that whoever changes one of these seats waits instead of locking the other way round.
    lock_seats([move.territory_id for move in moves if move.kind == Move.Kind.SEAT and move.territory_id])
    for kind, make in MAKING.items():
        for move in moves:
            if move.kind == kind:
                make(move, draft.starts_on, by, made)
    if draft.undoes:
        made.quotas.take_back(draft.undoes, draft.starts_on)
    made.quotas.write(by, draft.name, draft.made_by_id if draft.made_by.is_active else by)
    Passing.objects.bulk_create(made.passings)
    shape = Shape(reach(), draft.starts_on)
    made.paths = {pk: shape.path(pk) for pk in sorted(made.nodes) if pk in shape.parents}
    return made


def drop_undone(draft: Draft) -> None:
    """What waits to pass by a realignment that this one takes back waits no more."""
    waiting = Passing.objects.filter(draft=draft.undoes_id, state=Passing.State.WAITING)
    waiting.update(state=Passing.State.DROPPED)


def catch_up(day: date) -> None:
    """Bring what was planned into effect up to a day: assignments that begin, open work that follows or passes."""
    apply_due_assignments(today=day)
    lead_due_rules(day)
    follow_waiting()
    follow_mergers(today=day)
    pass_due(day)


def _why(move: Move) -> str:
    return move.reason or move.draft.name


def _make_node(move: Move, day: date, by: int, made: Made) -> None:
    was = Edge.objects.on(day).filter(child=move.territory_id).first()
    _keep(move, {"parent": was.parent_id if was else None})
    made.nodes |= {pk for pk in (move.territory_id, move.into_id, was.parent_id if was else None) if pk}
    territories.move_territory(
        by=by, territory_id=move.territory_id or 0, parent_id=move.into_id, on=day, reason=_why(move)
    )


def _make_rule(move: Move, day: date, by: int, made: Made) -> None:
    rule = Rule.objects.get(pk=move.rule_id or 0)
    _keep(move, {"territory": rule.territory_id})
    if day <= today():
        _lead(move)
    places = AccountTerritory.objects.on(day).filter(coverage=rule.coverage)
    ruled = places.filter(cause=Cause.RULE, cause_id=rule.pk)
    _place(move, list(ruled.values_list("account_id", flat=True)), day, by, made)


def lead_due_rules(day: date) -> int:
    """Let rules lead where a published realignment leads them from a day on that has come. Says how many."""
    due = Move.objects.filter(kind=Move.Kind.RULE, is_removed=False, draft__state=Draft.State.PUBLISHED)
    due = due.filter(draft__starts_on__lte=day).exclude(came_from__has_key="led")
    # In the order of their days, whatever was drafted first; of one day the last that was published leads.
    moves = list(due.order_by("draft__starts_on", "draft__published_at", "pk"))
    for move in moves:
        _lead(move)
    return len(moves)


def _lead(move: Move) -> None:
    lead_rule(rule_id=move.rule_id or 0, territory_id=move.into_id or 0)
    _keep(move, {"led": 1})


def _make_module(move: Move, day: date, by: int, made: Made) -> None:
    _place(move, members_of(move.module_id or 0, day), day, by, made)


def _make_accounts(move: Move, day: date, by: int, made: Made) -> None:
    _place(move, move.account_ids, day, by, made)


def _place(move: Move, account_ids: Collection[int], day: date, by: int, made: Made) -> None:
    """Accounts go to their new territory, but those that are there or that a hold keeps.

    In the field they go with work and quota; holds guard the field alone.
    """
    into, is_field = move.into_id or 0, move.coverage == Coverage.FIELD
    held = {hold.account_id for hold in in_the_way(account_ids, found(move.into), day)} if is_field else set()
    places = AccountTerritory.objects.filter(coverage=move.coverage)
    stood = dict(places.on(day).filter(account__in=account_ids).values_list("account_id", "territory_id"))
    going = [pk for pk in account_ids if pk not in held and stood.get(pk) != into]
    _refuse_twice(going, move.coverage, made)
    made.kept += sorted(held)
    _keep(move, {str(pk): stood.get(pk) for pk in going})
    if not going:
        return
    made.dropped += places.current().filter(account__in=going, starts_on__gt=day).count()
    if is_field:
        made.passes(move, passings_of(move, going, stood, day, made.handed))
    if move.quota == QuotaPolicy.ACCOUNTS:
        made.quotas.with_accounts(going, stood, into, day, _why(move))
    assign_accounts(
        by=by,
        account_ids=going,
        territory_id=into,
        starts_on=day,
        coverage=move.coverage,
        reason=_why(move),
        cause=Cause.REALIGNMENT,
        cause_id=move.draft_id,
    )
    made.places |= {(pk, move.coverage): (stood.get(pk, 0), into) for pk in going}
    made.nodes |= {into, *(stood[pk] for pk in going if pk in stood)}


def _refuse_twice(account_ids: Collection[int], coverage: str, made: Made) -> None:
    """Raises Refused for accounts that another move of the draft takes along too: of a module and by number."""
    if twice := [pk for pk in account_ids if (pk, coverage) in made.places]:
        names = Account.objects.filter(pk__in=twice).order_by("name_key").values_list("name", flat=True)
        message = _("Two moves of this realignment take along %(names)s. Take one of them out.")
        raise Refused(message % {"names": some_of(names)}, code="moved_twice")


def _keep(move: Move, before: dict[str, int | None]) -> None:
    move.came_from = {**move.came_from, **before}
    Move.objects.filter(pk=move.pk).update(came_from=move.came_from)


def _make_seat(move: Move, day: date, by: int, made: Made) -> None:
    """Another person takes the seat, or nobody; their quota follows the territory where the move says so."""
    seats = Seat.objects.on(day).filter(territory=move.territory_id, kind=move.seat_kind)
    old = seats.first()
    _keep(move, {"person": old.user_id if old else None, "seat": old.pk if old else None})
    made.nodes.add(move.territory_id or 0)
    made.people |= {pk for pk in (old.user_id if old else None, move.person_id) if pk}
    if old and old.user_id == move.person_id:
        return
    if old and old.kind == Seat.Kind.OWNER:
        there = AccountTerritory.in_field().on(day).filter(territory=move.territory_id)
        stood = dict(there.values_list("account_id", "territory_id"))
        made.passes(move, passings_of(move, list(stood), stood, day, made.handed))
    said: dict[str, Any] = {"by": by, "reason": _why(move)}
    back = _given_back(move)
    ramp = ramp_left(back.ramp, back.starts_on, day) if back else ""
    if old and move.person_id:
        territories.pass_seat(seat_id=old.pk, user_id=move.person_id, starts_on=day, ramp=ramp, **said)
    elif old:
        territories.free_seat(seat_id=old.pk, on=day, **said)
    elif move.person_id:
        place: dict[str, Any] = {
            "territory_id": move.territory_id or 0,
            "kind": move.seat_kind,
            "starts_on": day,
        }
        kept: dict[str, Any] = {"share": back.share, "stops_on": back.stops_on} if back else {}
        territories.seat_person(user_id=move.person_id, ramp=ramp, **place, **kept, **said)
    if old and move.person_id and move.quota == QuotaPolicy.TERRITORY:
        made.quotas.with_territory(old.user_id, move.person_id, day, _why(move))


def _given_back(move: Move) -> Seat | None:
    """The seat that this move gives back to whom the realignment that it takes back moved out of it: it has the share,
    the end and what is left of the ramp that it had.
    """
    if not move.draft.undoes_id:
        return None
    same = {"kind": move.kind, "territory": move.territory_id, "seat_kind": move.seat_kind}
    taken = Move.objects.filter(draft=move.draft.undoes_id, is_removed=False, **same).first()
    return Seat.objects.filter(pk=taken.came_from.get("seat"), user=move.person_id).first() if taken else None


MAKING = {
    Move.Kind.NODE: _make_node,
    Move.Kind.RULE: _make_rule,
    Move.Kind.MODULE: _make_module,
    Move.Kind.ACCOUNTS: _make_accounts,
    Move.Kind.SEAT: _make_seat,
}
"""How each kind of move is made, in the order in which they are."""
