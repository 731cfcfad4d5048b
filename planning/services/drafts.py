"""Drafts of realignments: what is to move together from a day on, put together before anything moves."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, AccountTerritory, Coverage, Module, Rule
from accounts.selectors.modules import members_of
from accounts.selectors.placing import placing
from accounts.selectors.rules import misfit
from common.access import found, seen
from common.checks import check_text, refuse_unknown
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.locale import format_date
from common.selectors import today
from common.transaction import act, as_the_organisation, reach
from planning.models import Draft, Move, QuotaPolicy
from planning.selectors.drafts import in_words
from planning.selectors.twice import twin_of, unseen_of
from planning.services.quota_moves import check_with_accounts
from territories.models import Seat, Territory, User
from territories.services.tree import check_in_tree

DRAFT_FIELDS = ("name", "note", "starts_on")
MOST_ACCOUNTS = 50_000
OF_ADMINS = {Move.Kind.NODE: "edge", Move.Kind.SEAT: "seat", Move.Kind.RULE: "rule"}
"""What only those who may change these things move; accounts are also moved by who leads both ends."""


@act
def create_draft(*, by: int, name: str, starts_on: date, note: str = "") -> Draft:
    """Begin a realignment that is to hold from a day on; administrators, and directors for what they lead.

    Raises Refused for a day that has passed.
    """
    reach().require("draft", "create", {"made_by_id": by})
    check_text(name, "name")
    check_day(starts_on)
    return Draft.objects.create(name=name.strip(), note=note.strip(), starts_on=starts_on, made_by_id=by)


@act
def edit_draft(*, by: int, draft_id: int, version: int, **changes: Any) -> None:
    """Change a draft's name, note or day; whoever made it, and administrators. Its effect is to be seen anew.

    Raises Stale, Conflict once it was asked for or published, Refused for a day that has passed.
    """
    refuse_unknown(changes, DRAFT_FIELDS)
    opened(draft_id)
    if "name" in changes:
        check_text(changes["name"], "name")
    if "starts_on" in changes:
        check_day(changes["starts_on"])
    Draft.objects.change(draft_id, version, **changes, **UNSEEN)


@act
def drop_draft(*, by: int, draft_id: int, version: int) -> None:
    """Give a draft up; whoever made it, and administrators. It stays readable. Raises Stale, Conflict."""
    opened(draft_id)
    Draft.objects.change(draft_id, version, state=Draft.State.DROPPED, **UNSEEN)


def check_day(day: date) -> None:
    """Raises Refused for a day before today: what was sold under the tree of its day is not rewritten."""
    if day < today():
        message = _("A realignment begins today or later. What is past is put right where it stands.")
        raise Refused(message, path="starts_on", code="past")


WORK = ("open_work", "stays_until")
FIELDS = {
    Move.Kind.NODE: ("territory_id", "into_id"),
    Move.Kind.SEAT: ("territory_id", "seat_kind", "person_id", "quota", *WORK),
    Move.Kind.ACCOUNTS: ("account_ids", "into_id", "quota", *WORK),
    Move.Kind.MODULE: ("module_id", "into_id", "quota", *WORK),
    Move.Kind.RULE: ("rule_id", "into_id", *WORK),
}
"""What a move of each kind says; what else is given is left out."""
UNSEEN: dict[str, Any] = {"preview": None, "digest": "", "previewed_at": None}


def opened(draft_id: int) -> Draft:
    """A draft that this person may change, locked. Raises NotInReach, Forbidden, Conflict once it is none."""
    draft: Draft = seen(Draft.objects.select_for_update(no_key=True), reach(), draft_id)
    reach().require("draft", "update", draft)
    if draft.state != Draft.State.OPEN:
        message = _("%(name)s is no draft any more: %(state)s.")
        raise Conflict(message % {"name": draft.name, "state": draft.get_state_display()}, code="not_open")
    return draft


class MovedTwice(Refused):
    """Another move of the draft (`twin`) moves the same already."""

    code = "moved_twice"

    def __init__(self, twin: Move, names: str, path: str) -> None:
        message = _("This realignment moves %(names)s already: %(move)s. Edit that move, or take it out.")
        super().__init__(message % {"names": names, "move": in_words(twin)}, path=path)
        self.twin = twin


SAID: dict[str, Any] = {
    "territory_id": None,
    "into_id": None,
    "person_id": None,
    "seat_kind": "",
    "module_id": None,
    "rule_id": None,
    "account_ids": (),
    "open_work": Move.OpenWork.USUAL,
    "stays_until": None,
    "quota": QuotaPolicy.PERSON,
    "reason": "",
}
"""What a move may say, with what holds where it is left out."""


@act
def add_move(*, by: int, draft_id: int, kind: str, **said: Any) -> Move:
    """Put a move into a draft; who may change the draft and what moves. Its effect is to be seen anew.

    What may be said is `SAID`, of which each kind takes its own `FIELDS`. Raises Refused where the move names what is
    not there on the draft's day, and MovedTwice for what another move of it takes along already.
    """
    move = Move(draft=opened(draft_id), kind=_kind(kind))
    _say(move, said)
    move.save(force_insert=True)
    Draft.objects.change(move.draft_id, move.draft.version, **UNSEEN)
    return move


@act
def edit_move(*, by: int, move_id: int, version: int, drops_unseen: bool = False, **said: Any) -> Move:
    """Let a move of a draft say something else; who may change the draft and what moves. It stays of its kind.

    Its accounts that the editor no longer sees, or that were merged, it keeps unless `drops_unseen`. Its effect is to
    be seen anew. Raises Stale, Conflict for a draft that takes another one back, whose moves are those of that one, and
    what `add_move` raises.
    """
    move: Move = seen(Move.objects.filter(is_removed=False), reach(), move_id)
    move.draft = opened(move.draft_id)
    if move.draft.undoes_id:
        message = _("It takes back what was moved, as it was moved. Take the move out, if it is to stay.")
        raise Conflict(message, code="takes_back")
    kept = [] if drops_unseen else unseen_of(move)
    _say(move, said)
    if move.kind == Move.Kind.ACCOUNTS:
        move.account_ids = sorted({*move.account_ids, *kept})
    told = {name: getattr(move, name) for name in (*FIELDS[Move.Kind(move.kind)], "reason")}
    Move.objects.change(move.pk, version, **told)
    Draft.objects.change(move.draft_id, move.draft.version, **UNSEEN)
    return move


def _say(move: Move, said: dict[str, Any]) -> None:
    """Let a move say what was given, of what its kind says, once it is sure that it may be made."""
    refuse_unknown(said, tuple(SAID))
    kind = Move.Kind(move.kind)
    if not may_move(kind):
        raise Forbidden()
    told = {**SAID, **said}
    _check_quota(kind, told["quota"])
    told["account_ids"] = sorted(set(told["account_ids"]))
    told["reason"] = told["reason"].strip()
    if told["open_work"] != Move.OpenWork.UNTIL:
        told["stays_until"] = None
    for name in (*FIELDS[kind], "reason"):
        setattr(move, name, told[name])
    CHECKS[kind](move, move.draft.starts_on)
    _leave_out(move, move.draft.starts_on)
    _check_stay(move, move.draft.starts_on)
    _check_quota_goes(move, move.draft.starts_on)
    if twin := twin_of(move, move.draft.starts_on):
        raise MovedTwice(*twin, path=FIELDS[kind][0])


@act
def add_accounts(
    *, by: int, draft_id: int | None = None, name: str = "", starts_on: date | None = None, **move: Any
) -> Move:
    """Put accounts that were picked into a draft, or into a new one of that name from that day on.

    Who may and what is refused: as for `create_draft` and `add_move`; without the move no draft is begun.
    """
    if draft_id is None:
        if starts_on is None:
            raise Refused(_("Say from which day on."), path="starts_on", code="required")
        draft_id = create_draft(by=by, name=name, starts_on=starts_on).pk
    return add_move(by=by, draft_id=draft_id, kind=Move.Kind.ACCOUNTS, **move)


def check_moves(draft: Draft) -> None:
    """Ask of every move of a draft anew what was asked when it was put in: what it names may have moved since.

    Raises Forbidden where one of them is out of this person's hands by now, Refused.
    """
    for move in draft.moves.filter(is_removed=False):
        if not may_move(Move.Kind(move.kind)):
            raise Forbidden(_("Somebody put a move in that is not yours to make. Take it out, or ask them."))
        try:
            CHECKS[Move.Kind(move.kind)](move, draft.starts_on)
        except NotInReach as error:
            message = _(
                "Of “%(move)s” you no longer see an account, or it was merged. Edit that move and tick that it is left "
                "out, or take the move out."
            )
            raise Forbidden(message % {"move": in_words(move)}) from error


@act
def remove_move(*, by: int, move_id: int) -> Move:
    """Take a move out of a draft; who may change the draft. Its effect is to be seen anew."""
    move: Move = seen(Move.objects.filter(is_removed=False), reach(), move_id)
    draft = opened(move.draft_id)
    Move.objects.change(move.pk, move.version, is_removed=True)
    Draft.objects.change(draft.pk, draft.version, **UNSEEN)
    return move


def may_move(kind: Move.Kind) -> bool:
    """Whether this person may put moves of that kind into a draft at all; where to, each move asks."""
    if kind in OF_ADMINS:
        return bool(reach().relations(OF_ADMINS[kind], "update"))
    return bool(reach().relations("account", "assign"))


def _check_quota(kind: str, quota: str) -> None:
    """Raises Refused for a choice that a move of that kind does not have."""
    choices = {"person", "territory"} if kind == Move.Kind.SEAT else {"person", "accounts"}
    if "quota" in FIELDS[Move.Kind(kind)] and quota not in choices:
        raise Refused(_("Choose what becomes of quota on this kind of move."), path="quota")


def _kind(kind: str) -> Move.Kind:
    if kind not in Move.Kind.values:
        raise Refused(_("Choose what moves."), path="kind")
    return Move.Kind(kind)


def _leave_out(move: Move, day: date) -> None:
    """Leave out of a move the accounts that are where it leads on that day already. Raises Refused for all of them."""
    if move.kind != Move.Kind.ACCOUNTS:
        return
    there = AccountTerritory.in_field().on(day).filter(territory=move.into_id, account__in=move.account_ids)
    move.account_ids = sorted(set(move.account_ids).difference(there.values_list("account_id", flat=True)))
    if not move.account_ids:
        message = _("All of these accounts are there on %(day)s already. Choose another territory.")
        raise Refused(message % {"day": format_date(day)}, path="into_id", code="there_already")


def _check_quota_goes(move: Move, day: date) -> None:
    """Raises Refused where quota is to go with accounts, and what they leave has one and no known potential."""
    if move.quota != QuotaPolicy.ACCOUNTS:
        return
    ids = members_of(move.module_id, day) if move.module_id else move.account_ids
    rows = AccountTerritory.in_field().on(day).filter(account__in=ids).exclude(territory=move.into_id)
    leaving = set(rows.values_list("territory_id", flat=True))
    with as_the_organisation():  # only whether it is known is told
        check_with_accounts(leaving, day)


def _check_stay(move: Move, day: date) -> None:
    if move.open_work == Move.OpenWork.UNTIL and (move.stays_until is None or move.stays_until <= day):
        message = _("Say until which day after the move open work stays.")
        raise Refused(message, path="stays_until", code="reversed_range")


def _check_node(move: Move, day: date) -> None:
    territory = check_in_tree(move.territory_id or 0, day)
    if territory.is_unassigned:
        raise Refused(_("%(name)s stays where it is.") % {"name": territory.name}, path="territory_id")
    if move.into_id:
        check_in_tree(move.into_id, day, "into_id")
    elif not move.draft.undoes_id:  # what was a root is one again
        raise Refused(_("Choose below which territory it goes."), path="into_id", code="required")


def _check_seat(move: Move, day: date) -> None:
    check_in_tree(move.territory_id or 0, day)
    if move.seat_kind not in (Seat.Kind.OWNER, Seat.Kind.LEAD):
        raise Refused(_("Choose the owner's or the lead's seat."), path="seat_kind")
    if move.person_id and not User.objects.filter(pk=move.person_id, is_active=True).exists():
        raise Refused(_("Choose a person who is still here."), path="person_id")


def _check_accounts(move: Move, day: date) -> None:
    if not 0 < len(move.account_ids) <= MOST_ACCOUNTS:
        message = _("Name at least one account and at most %(most)s.") % {"most": MOST_ACCOUNTS}
        raise Refused(message, path="account_ids", code="account_count")
    _check_ends(move, day, move.account_ids)


def _check_module(move: Move, day: date) -> None:
    found(Module.objects.filter(pk=move.module_id or 0, is_active=True).first())
    _check_ends(move, day, members_of(move.module_id or 0, day))


def _check_ends(move: Move, day: date, account_ids: Collection[int]) -> None:
    """Who may realign where the accounts are to be from that day on, and where they go: a place for that coverage."""
    into = check_in_tree(move.into_id or 0, day, "into_id")
    _refuse_misfit(move, into)
    accounts = list(Account.objects.visible_to(reach()).filter(pk__in=account_ids, merged_into=None))
    if len(accounts) < len(account_ids):
        raise NotInReach()
    going = placing(accounts, into, day, move.coverage)
    for node in {into.pk}.union(*(going.left(account) for account in accounts)):
        if not reach().allows("account", "assign", {"territory_id": node}):
            raise Forbidden(_("You may move accounts only within what you lead."))


def _refuse_misfit(move: Move, into: Territory) -> None:
    """Raises Refused for the field in an overlay, and for specialists and partners anywhere else."""
    if wrong := misfit(move.coverage, into):
        raise Refused(
            wrong, path="into_id", code="overlay" if move.coverage == Coverage.FIELD else "no_overlay"
        )


def _check_rule(move: Move, day: date) -> None:
    found(Rule.objects.filter(pk=move.rule_id or 0, is_active=True).first())
    _refuse_misfit(move, check_in_tree(move.into_id or 0, day, "into_id"))


CHECKS = {
    Move.Kind.NODE: _check_node,
    Move.Kind.SEAT: _check_seat,
    Move.Kind.ACCOUNTS: _check_accounts,
    Move.Kind.MODULE: _check_module,
    Move.Kind.RULE: _check_rule,
}
