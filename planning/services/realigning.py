"""A realignment is looked at, approved, published as one, and taken back by a counter-move."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import AccountTerritory, Cause, Coverage
from common.access import found, seen
from common.errors import Conflict, Refused
from common.locale import format_date
from common.selectors import period_of, today
from common.transaction import act, as_the_organisation, because, now, reach, rehearsed, widened
from pipeline.models import Opportunity
from planning.models import Draft, Move
from planning.selectors.differences import differences
from planning.selectors.measures import Measured, measure, touched
from planning.selectors.resold import count_under_new_tree
from planning.services.drafts import UNSEEN, check_day, check_moves, opened
from planning.services.moves import Made, catch_up, drop_undone, make_moves
from quotas.selectors.doubled import shared_places
from territories.models import Edge, Seat
from territories.selectors import owners_on, unassigned
from workspace.models import Approval, Event
from workspace.services import Told, tell, tell_each
from workspace.services.approvals import Asked, ask, check_granted, withdraw_waiting

KIND = "realignment"


@act
def preview_draft(*, by: int, draft_id: int, version: int) -> Draft:
    """Work out what a draft would change, and keep that with it; who may change the draft. Raises Stale, Conflict.

    Its moves are made in a savepoint on top of what is planned up to its day, the figures of that day are read before
    and after, and everything is taken back: what is said is what will be. Where a move is refused, that is kept
    instead, with place and remedy.
    """
    draft = opened(draft_id)
    check_moves(draft)
    try:
        preview, digest = _tried(draft, by)
    except Refused as refusal:
        preview, digest = {"refused": str(refusal.message)}, ""
    Draft.objects.change(draft_id, version, preview=preview, digest=digest, previewed_at=now(), error="")
    draft.refresh_from_db()
    return draft


def _tried(draft: Draft, by: int) -> tuple[dict[str, Any], str]:
    day = draft.starts_on
    check_day(day)
    with rehearsed(), as_the_organisation():
        drop_undone(draft)
        catch_up(day)
        before, shared, owned = measure(day), _shared(day), _owners(day)
        made = make_moves(draft=draft, by=by)
        catch_up(day)
        after = measure(day)
        count_under_new_tree(before, after, day)
        said = _said(draft, made, before, after) | {"shared": [shared, _shared(day)]}
        nodes = [pk for pk, *_figures in said["nodes"]]
        said["ways"] = [[pk, _way(before, pk), _way(after, pk)] for pk in nodes]
        said["owners"] = [[pk, owned.get(pk), owner] for pk, owner in _owners(day, nodes).items()]
    return said, made.digest()


def _way(measured: Measured, node: int) -> list[int]:
    """The ids from the top down to a territory; none where it is not in that tree."""
    return measured.shape.path(node) if node in measured.shape.parents else []


def _owners(day: date, nodes: Iterable[int] | None = None) -> dict[int, int | None]:
    """Who owns each territory on a day; with `nodes` of all of these, nobody where there is none."""
    owned = Seat.objects.on(day).filter(kind=Seat.Kind.OWNER).values_list("territory_id", "user_id")
    found: dict[int, int | None] = dict(owned)
    return found if nodes is None else {pk: found.get(pk) for pk in nodes}


def _shared(day: date) -> list[int]:
    period = period_of(day)
    return shared_places(period) if period else []


def _said(draft: Draft, made: Made, before: Measured, after: Measured) -> dict[str, Any]:
    """What a preview keeps: the figures before and after, and what moves or stays by id."""
    nodes = touched(before, after, made.nodes)
    people = {pk for pk in {*before.people, *after.people} if before.people.get(pk) != after.people.get(pk)}
    people |= made.people
    return {
        "day": draft.starts_on.isoformat(),
        "nodes": [[pk, before.nodes.get(pk, {}), after.nodes.get(pk, {})] for pk in nodes],
        "people": [[pk, before.people.get(pk, {}), after.people.get(pk, {})] for pk in sorted(people)],
        "accounts": len({pk for pk, _coverage in made.places}),
        "kept": made.kept,
        "dropped": made.dropped,
        "deals": _passing(made),
        "quotas": made.quotas.changed,
        "tasks": sum(row.activity_id is not None for row in made.passings),
        "moved": made.said(),
    }


def _passing(made: Made) -> list[list[Any]]:
    """The open deals: who has each, who owns the account's territory when it passes, on which day, none where it stays,
    what its move says of open work, and when it is to close.
    """
    rows = [row for row in made.passings if row.opportunity_id]
    deals = Opportunity.objects.filter(pk__in=[row.opportunity_id for row in rows])
    known = {pk: rest for pk, *rest in deals.values_list("pk", "account__territory", "close_on")}
    places = {pk: place for pk, (place, _close_on) in known.items()}
    days = {row.passes_on for row in rows if row.passes_on}
    owners = {day: owners_on(set(places.values()), day) for day in days}
    return [
        [
            row.opportunity_id,
            row.person_id,
            owners[row.passes_on].get(places[row.opportunity_id or 0]) if row.passes_on else None,
            row.passes_on.isoformat() if row.passes_on else None,
            made.choices.get(row.opportunity_id or 0),
            known[row.opportunity_id or 0][1].isoformat(),
        ]
        for row in rows
    ]


@act
def ask_publishing(*, by: int, draft_id: int, version: int, reason: str = "") -> Approval:
    """Ask a second person to publish a draft that was looked at; who may change it.

    Raises Conflict where its effect was not seen as it is now, or a move of it is refused; Stale.
    """
    draft = opened(draft_id)
    check_moves(draft)
    if not draft.digest:
        message = _("Look at its effect first; what is published is what was seen.")
        raise Conflict(message, code="not_seen")
    Draft.objects.change(draft_id, version, state=Draft.State.ASKED)
    words = {"name": draft.name}
    asked = Asked(
        str(draft.pk),
        _("Publish %(name)s") % words,
        reverse("draft_detail", args=[draft.pk]),
        {"draft_id": draft.pk, "digest": draft.digest},
        reason.strip(),
    )
    return ask(by=by, kind=KIND, asked=asked)


@act
def reopen_draft(*, by: int, draft_id: int, version: int) -> None:
    """Take back that a draft was to be published, so that it can be changed again; who may change it. Raises Stale."""
    draft: Draft = seen(Draft.objects.all(), reach(), draft_id)
    reach().require("draft", "update", draft)
    if draft.state != Draft.State.ASKED:
        raise Conflict(_("Only a realignment that waits for approval is taken back."), code="not_asked")
    withdraw_waiting(by=by, kind=KIND, keys=[str(draft_id)], why=_("The realignment is worked on again."))
    Draft.objects.change(draft_id, version, state=Draft.State.OPEN)


@act
def queue_draft(*, by: int, approval_id: int, draft_id: int, digest: str) -> None:
    """Let the worker publish a draft; only out of a granted approval of it as it was seen."""
    check_granted(by=by, approval_id=approval_id, kind=KIND, payload={"draft_id": draft_id, "digest": digest})
    with widened("draft"):
        draft: Draft = found(Draft.objects.filter(pk=draft_id).first())
        if (draft.state, draft.digest) != (Draft.State.ASKED, digest):
            raise Conflict(_("The realignment changed since it was asked for."), code="changed")
        Draft.objects.change(draft_id, draft.version, state=Draft.State.QUEUED, approved_by_id=by)


def queued_drafts() -> list[int]:
    """The drafts that are to be published, in the order in which they were made."""
    return list(Draft.objects.filter(state=Draft.State.QUEUED).order_by("pk").values_list("pk", flat=True))


@act
def publish_draft(*, draft_id: int) -> Draft | None:
    """Make the moves of a queued draft, all in one transaction; the organisation's own job, safe to run twice.

    Where other things would move than were seen, or a move is refused by now, nothing moves and the draft is open
    again, with the reason. Both sides of each move are told. None where another worker has it.
    """
    draft: Draft | None = (
        Draft.objects.select_for_update(skip_locked=True)
        .filter(pk=draft_id, state=Draft.State.QUEUED)
        .first()
    )
    if draft is None or draft.approved_by_id is None:
        return None
    by = draft.approved_by_id
    try:
        with transaction.atomic(), because(draft.name):
            check_day(draft.starts_on)
            made = make_moves(draft=draft, by=by)
            catch_up(today())
            if made.digest() != draft.digest:
                raise _changed(draft, made)
    except Refused as refusal:
        give_back(draft_id=draft_id, error=str(refusal.message))
        draft.refresh_from_db()
        return draft
    _change(draft, state=Draft.State.PUBLISHED, published_at=now(), error="")
    _tell(draft, made, by)
    return draft


def _changed(draft: Draft, made: Made) -> Refused:
    """Why a draft is not published of which other things would move by now, with the names of what differs."""
    seen = (draft.preview or {}).get("moved")
    message = _("Other things would move by now than were looked at: %(what)s. Look at its effect again.")
    if seen is None:  # looked at before such things were kept
        message = _("Other things would move by now than were looked at. Look at its effect again.")
    return Refused(message % {"what": "; ".join(differences(seen or {}, made.said()))}, code="changed")


@act
def give_back(*, draft_id: int, error: str) -> None:
    """Open a draft again that could not be published, with what went wrong; the organisation's own job.

    Nobody has approved what it is from here on.
    """
    why = _("Not published on %(day)s, because: %(why)s") % {"day": format_date(today()), "why": error}
    for draft in Draft.objects.filter(pk=draft_id, state=Draft.State.QUEUED):
        people = {draft.made_by_id, draft.approved_by_id} - {None}
        _change(draft, state=Draft.State.OPEN, error=why[:400], approved_by=None, **UNSEEN)
        url, key = reverse("draft_detail", args=[draft.pk]), f"draft {draft.pk} {draft.version}"
        tell(event=Event.UNPUBLISHED, people=people, key=key, about=draft.name, url=url)


def _change(draft: Draft, **changes: Any) -> None:
    Draft.objects.filter(pk=draft.pk).update(version=F("version") + 1, **changes)
    draft.refresh_from_db()


def _tell(draft: Draft, made: Made, by: int) -> None:
    """Both sides of every move: who owned or owns a territory that it touches, and who takes or leaves a seat."""
    nodes, days = made.nodes, {draft.starts_on, today()}
    owners = {
        pk
        for day in days
        for pk in Seat.objects.on(day).filter(territory__in=nodes).values_list("user_id", flat=True)
    }
    people = sorted({*owners, *made.people, *(row.person_id for row in made.passings)} - {by})
    news = [Told(pk, f"draft {draft.pk}", draft.name, reverse("account_list")) for pk in people]
    tell_each(event=Event.REALIGNED, news=news, by=by)


@act
def undo_draft(*, by: int, draft_id: int, starts_on: date) -> Draft:
    """Draft the counter-moves of a published realignment from a day on; administrators, and directors for their own.

    What has moved on since stays where it is: only accounts that are still where it put them go back. The counter-draft
    is looked at, approved and published like any other. Raises Conflict where there is nothing to take back.
    """
    draft: Draft = seen(Draft.objects.all(), reach(), draft_id)
    reach().require("draft", "update", draft)
    if draft.state != Draft.State.PUBLISHED or starts_on < draft.starts_on:
        message = _("Only a published realignment is taken back, on its day or later.")
        raise Conflict(message, path="starts_on", code="not_published")
    if Draft.objects.filter(undoes=draft).exclude(state=Draft.State.DROPPED).exists():
        raise Conflict(_("It is being taken back already."), code="undone")
    check_day(starts_on)
    name = _("Take back %(name)s") % {"name": draft.name}
    counter = Draft.objects.create(name=name[:120], starts_on=starts_on, made_by_id=by, undoes=draft)
    moves = [
        move
        for one in draft.moves.filter(is_removed=False).order_by("-pk")
        for move in _counter(one, counter)
    ]
    if not moves:
        raise Conflict(
            _("Nothing of it stands any more; there is nothing to take back."), code="nothing_left"
        )
    Move.objects.bulk_create(moves)
    return counter


def _counter(move: Move, counter: Draft) -> Iterable[Move]:
    """The moves that take one back, from the counter-draft's day on."""
    same = {
        "draft": counter,
        "kind": move.kind,
        "territory_id": move.territory_id,
        "reason": counter.name[:200],
    }
    before: Mapping[str, int | None] = move.came_from
    going = {**same, "open_work": Move.OpenWork.GO}
    if not _stands(move, counter.starts_on):
        return _back(move, counter, same)
    if move.kind == Move.Kind.NODE:
        return [Move(**same, into_id=before["parent"])]
    if move.kind == Move.Kind.SEAT:
        return [Move(**going, seat_kind=move.seat_kind, person_id=before["person"])]
    if move.kind == Move.Kind.RULE:
        rule = Move(**going, rule_id=move.rule_id, into_id=before["territory"])
        return [rule, *_back(move, counter, same)]
    return _back(move, counter, same)


def _stands(move: Move, day: date) -> bool:
    """Whether what a move put somewhere is there still, and was not moved on since; accounts are asked one by one."""
    if move.kind == Move.Kind.NODE:
        edge = Edge.objects.on(day).filter(child=move.territory_id).first()
        return edge is not None and edge.parent_id == move.into_id
    if move.kind == Move.Kind.SEAT:
        seat = Seat.objects.on(day).filter(territory=move.territory_id, kind=move.seat_kind).first()
        return (seat.user_id if seat else None) == move.person_id
    # A rule that is to lead there on a day to come has not moved on: it has to be led back after that day.
    return move.rule is None or move.rule.territory_id == move.into_id or "led" not in move.came_from


def _back(move: Move, counter: Draft, same: Mapping[str, Any]) -> list[Move]:
    """The accounts that are still where the move put them, by where they came from."""
    moved = {"coverage": move.coverage, "cause": Cause.REALIGNMENT, "cause_id": move.draft_id}
    rows = AccountTerritory.objects.on(counter.starts_on).filter(**moved, territory=move.into_id)
    still = set(rows.values_list("account_id", flat=True))
    origins: dict[int, list[int]] = defaultdict(list)
    for pk, node in move.came_from.items():
        if pk.isdigit() and int(pk) in still:
            origins[node or unassigned().pk].append(int(pk))
    overlaid = {} if move.coverage == Coverage.FIELD else {"rule_id": move.rule_id}
    values = {**same, **overlaid, "kind": Move.Kind.ACCOUNTS, "open_work": Move.OpenWork.GO}
    return [Move(**values, account_ids=sorted(ids), into_id=node) for node, ids in sorted(origins.items())]
