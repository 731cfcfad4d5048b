"""Acts on customers: their profile, their contacts, and the territory that they are in, by date."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import F, FilteredRelation, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.bulk import move_accounts, write_accounts, write_places
from accounts.models import PROFILE, Account, AccountTerritory, Contact, MovedAccount, Participant
from common.access import seen
from common.checks import refuse_unknown
from common.dated import make_room
from common.errors import Forbidden, Refused
from common.importing import Names, Outcome, Reject, Row, as_columns, resolved
from common.numbers import next_number
from common.selectors import today
from common.services import refuse_closed
from common.staging import ids_for
from common.transaction import act, context, reach, widened
from common.undoing import Made, put_back, refuse_recorded, take_out, take_out_recorded
from territories.models import Seat, Territory
from territories.selectors import reaches_for, unassigned
from territories.services.tree import check_in_tree
from workspace.models import Event, ListValue
from workspace.services import Told, listed, tell_each, unlisted

ACCOUNT_FIELDS = (*PROFILE, "parent_id")
NUMBERS = "accounts_account_id_seq"
CONTACT_FIELDS = frozenset({"name", "title", "email", "phone"})


@act
def create_account(*, by: int, name: str, territory_id: int | None = None, **fields: Any) -> Account:
    """Add a customer to a territory from today on; for those who may create accounts there.

    Without a territory it goes into the first one that the person owns or leads, else into *Unassigned*, where the
    person who made it still sees it.
    """
    refuse_unknown(fields, ACCOUNT_FIELDS)
    place = _new_place(by, territory_id)
    _check_parent(None, fields.get("parent_id"))
    fields |= _industry(fields, "")
    with widened("account", "account_territory", "account_participant"):
        number = fields.pop("number", "") or next_number(Account.objects.all(), NUMBERS, "A-{:06}")
        account = Account.objects.create(name=name, number=number, territory_id=place, **fields)
        AccountTerritory.objects.create(
            account=account, territory_id=place, starts_on=today(), reason=_("new account"), recorded_by_id=by
        )
        if not reach().allows("account", "read", account):
            Participant.objects.create(account=account, user_id=by, reason="made it")
        _tell_owners({account.pk: place}, by)
    return account


def _new_place(by: int, territory_id: int | None) -> int:
    """Where a new account goes: without a territory, to what the person owns today, else leads, else *Unassigned*.

    Raises Forbidden where the person may not create accounts there, Refused for a territory outside of the tree.
    """
    if territory_id is None:
        seats = Seat.objects.on(today()).filter(user_id=by, kind__in=("owner", "lead"))
        own = seats.order_by("-kind", "territory_id").values_list("territory_id", flat=True)
        territory_id = own.first()
    if territory_id is not None:
        check_in_tree(territory_id, today())
        reach().require("account", "create", {"territory_id": territory_id})
    elif not reach().relations("account", "create"):
        raise Forbidden(_("You may not add accounts."))
    return territory_id or unassigned().pk


def _check_parent(account_id: int | None, parent_id: int | None) -> None:
    """Raises Refused for a parent that is not in reach, or that lies below the account."""
    if parent_id is None:
        return
    if not Account.objects.visible_to(reach()).filter(pk=parent_id).exists():
        raise Refused(_("Choose an account that you may see."), path="parent_id")
    with widened("account"):
        above: int | None = parent_id
        passed: set[int] = set()
        while above is not None and above not in passed:
            if above == account_id:
                raise Refused(_("An account can't lie below itself."), path="parent_id", code="account_cycle")
            passed.add(above)
            above = Account.objects.values_list("parent_id", flat=True).get(pk=above)


@act
def edit_account(*, by: int, account_id: int, version: int, **changes: Any) -> None:
    """Change a customer's profile; for those who may update it. Raises Stale where it changed meanwhile."""
    refuse_unknown(changes, ACCOUNT_FIELDS)
    account = seen(Account.objects.all(), reach(), account_id)
    reach().require("account", "update", account)
    if "number" in changes and not changes["number"]:
        raise Refused(_("An account has a number."), path="number")
    if changes.get("parent_id") != account.parent_id:
        _check_parent(account_id, changes.get("parent_id"))
    changes |= _industry(changes, account.industry)
    Account.objects.change(account_id, version, **changes)


def _industry(fields: Mapping[str, Any], before: str) -> dict[str, str]:
    """The industry that is given, as the list writes it; what an account had it keeps, and none is none."""
    text = fields.get("industry", "")
    return {"industry": listed(ListValue.List.INDUSTRY, text, "industry")} if text not in ("", before) else {}


@act
def assign_account(
    *, by: int, account_id: int, territory_id: int, starts_on: date, reason: str = ""
) -> AccountTerritory:
    """Put a customer into a territory from a day on; administrators only. Orders that are booked keep their credit.

    What held on that day ends there; assignments that were planned for later are dropped.
    Raises Conflict for a day in a closed period.
    """
    account = seen(Account.objects.select_for_update(no_key=True), reach(), account_id)
    reach().require("account", "assign", account)
    refuse_closed(starts_on, "starts_on")
    check_in_tree(territory_id, starts_on)
    rows = AccountTerritory.objects.filter(account=account)
    running = rows.on(starts_on).first()
    if running and running.territory_id == territory_id and running.stops_on is None:
        raise Refused(_("The account is in that territory on that day already."), path="territory_id")
    make_room(rows, starts_on, reason.strip(), recorded_by_id=by)
    place = {"account": account, "territory_id": territory_id, "starts_on": starts_on}
    assignment = AccountTerritory.objects.create(**place, reason=reason.strip(), recorded_by_id=by)
    if starts_on <= today():
        move_accounts({account_id: territory_id})
        _tell_owners({account_id: territory_id} if territory_id != account.territory_id else {}, by)
    return assignment


@act
def apply_due_assignments(*, today: date) -> int:
    """Bring `Account.territory` to the assignments that hold today; the organisation's own job. Says how many moved.

    An account whose assignment ended with none to follow goes to *Unassigned*.
    """
    nobody = unassigned().pk
    holds = Q(territories__superseded_at=None, territories__starts_on__lte=today) & (
        Q(territories__stops_on=None) | Q(territories__stops_on__gt=today)
    )
    rows = Account.objects.annotate(now=FilteredRelation("territories", condition=holds))
    rows = rows.annotate(due=Coalesce("now__territory_id", nobody)).exclude(territory_id=F("due")).order_by()
    with connection.cursor() as cursor:
        # Row policies make the planner look up each account's assignment by itself; read both tables once instead.
        cursor.execute("SET LOCAL enable_nestloop = off")
    moves = dict(rows.values_list("pk", "due"))
    moved = move_accounts(moves)
    _tell_owners(moves)
    return moved


def _tell_owners(moves: Mapping[int, int], by: int | None = None) -> None:
    """Tell the owner of each territory what came into it, by account and territory: one message a person."""
    came: dict[int, list[int]] = defaultdict(list)
    seats = Seat.objects.on(today()).filter(territory_id__in=moves.values(), kind=Seat.Kind.OWNER)
    held = list(seats.exclude(user=by).select_related("user"))
    if not held:
        return
    reaches = reaches_for({seat.user for seat in held}, today())
    into: dict[int, list[int]] = defaultdict(list)
    for pk, place in moves.items():
        into[place].append(pk)
    for seat in held:
        theirs = reaches.get(seat.user_id)
        if theirs and theirs.allows("account", "read", {"territory_id": seat.territory_id}):
            came[seat.user_id] += into[seat.territory_id]
    with widened("account"):
        alone = [pk for pk, *others in came.values() if not others]
        names = dict(Account.objects.filter(pk__in=alone).values_list("pk", "name"))
    news = [_what_came(person_id, accounts, names) for person_id, accounts in came.items()]
    tell_each(event=Event.ACCOUNT_CAME, news=news, by=by)


def _what_came(person_id: int, accounts: Sequence[int], names: Mapping[int, str]) -> Told:
    """One account by its name, several by how many there are."""
    first, key = accounts[0], f"{context().request_id} {accounts[0]}"
    if len(accounts) == 1:
        return Told(person_id, key, names[first], reverse("account_detail", args=[first]))
    return Told(person_id, key, url=reverse("account_list"), count=len(accounts))


def note_order(*, account_id: int, booked_on: date, person_ids: Iterable[int]) -> None:
    """Remember an account's earliest order, and that those with credit in it may read the account.

    Called by the booking of an order, which has checked authority and widened its reach.
    """
    later = Q(first_ordered_on=None) | Q(first_ordered_on__gt=booked_on)
    Account.objects.filter(later, pk=account_id).update(first_ordered_on=booked_on)
    theirs = [Participant(account_id=account_id, user_id=pk, reason="credit") for pk in person_ids]
    Participant.objects.bulk_create(theirs, ignore_conflicts=True)


@act
def create_contact(
    *, by: int, account_id: int, name: str, title: str = "", email: str = "", phone: str = ""
) -> Contact:
    """Add a person to a customer; for those who may update the account."""
    account = seen(Account.objects.all(), reach(), account_id)
    reach().require("account", "update", account)
    return Contact.objects.create(account=account, name=name, title=title, email=email, phone=phone)


@act
def edit_contact(*, by: int, contact_id: int, version: int, **changes: Any) -> None:
    """Change a person at a customer; for those who may update the account. Raises Stale."""
    refuse_unknown(changes, CONTACT_FIELDS)
    contact = seen(Contact.objects.select_related("account"), reach(), contact_id)
    reach().require("account", "update", contact.account)
    Contact.objects.change(contact_id, version, **changes)


IMPORTED = {name.removesuffix("_minor").removesuffix("_id"): name for name in ACCOUNT_FIELDS}


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in customers by their number, with the territory that they are in from a day on.

    Administrators, and the organisation's own jobs. A profile that differs is changed; an account that stands in
    another territory on that day is rejected, because a move has a date that a file does not tell. So is one whose
    place would begin in a closed period, or before its territory. An account that has a place from then on keeps it.
    """
    reach().require("account", "assign")
    outcome = Outcome()
    nodes = Names(_("territory"), Territory.objects.values_list("pk", "code", "name"))
    known = dict(Account.objects.values_list("number", "pk"))
    rows = _listed(rows, outcome)
    rows = _placeable(resolved(rows, outcome, {"territory": nodes}), known, outcome)
    numbers = [row.values["number"] for row in rows]
    ids = dict(zip(numbers, ids_for("accounts_account", numbers, known), strict=True))
    rows = resolved(rows, outcome, {"parent": _parents(rows, ids)})
    named, values = as_columns(rows, IMPORTED)
    place_of = _place_finder()
    staged = [
        [ids[row.values["number"]], place_of(row), *cells] for row, cells in zip(rows, values, strict=True)
    ]
    created, changed = write_accounts(["id", "territory_id", *named], staged)
    outcome.add(created, len(changed), len(rows) - created - len(changed))
    _bring_places(by, rows, ids)
    return outcome


def _listed(rows: Sequence[Row], outcome: Outcome) -> list[Row]:
    """The rows whose industry is in the list, or is what their account has."""
    fault, kept = unlisted(ListValue.List.INDUSTRY), []
    told = Account.objects.filter(
        number__in={row.values["number"] for row in rows if row.values.get("industry")}
    )
    held = dict(told.values_list("number", "industry"))
    for row in rows:
        industry = row.values.get("industry") or ""
        wrong = fault(industry) if industry != held.get(row.values["number"]) else None
        if wrong:
            outcome.rejects.append(row.reject("industry", *wrong))
        else:
            kept.append(row)
    return kept


def _placeable(rows: Sequence[Row], known: dict[str, int], outcome: Outcome) -> list[Row]:
    """The rows whose account is, or may be put, where the file places it."""
    standing: dict[int, list[AccountTerritory]] = defaultdict(list)
    for place in AccountTerritory.objects.current():
        standing[place.account_id].append(place)
    refusal_of = cache(_refusal_of)
    kept = []
    for row in rows:
        if wrong := _misplaced(row, standing[known.get(row.values["number"], 0)], refusal_of):
            outcome.rejects.append(wrong)
        else:
            kept.append(row)
    return kept


def _misplaced(
    row: Row, places: Sequence[AccountTerritory], refusal_of: Callable[[int, date], Refused | None]
) -> Reject | None:
    """Why the account can't be put where the file places it, if anything speaks against it."""
    territory_id, day = row.values.get("territory"), row.values.get("starts_on")
    if not (territory_id and day):
        return None
    if any(place.holds_on(day) and place.territory_id != territory_id for place in places):
        problem, remedy = _("The account is in another territory on that day."), _("Assign it on its page.")
        return row.reject("territory", problem, remedy)
    has_place = any(day < place.span.stop for place in places)
    refusal = None if has_place else refusal_of(territory_id, day)
    return row.reject(refusal.path, str(refusal.message), _("Correct the row.")) if refusal else None


def _refusal_of(territory_id: int, day: date) -> Refused | None:
    """Why no account can be put into the territory from that day on, if none can."""
    try:
        refuse_closed(day, "starts_on")
        check_in_tree(territory_id, day, "territory")
    except Refused as refusal:
        return refusal
    return None


def _parents(rows: Sequence[Row], ids: dict[str, int]) -> Names:
    """Accounts that may be named as parents: those that there are, and those of the file."""
    named = {number: (pk, name) for pk, number, name in Account.objects.values_list("pk", "number", "name")}
    named |= {row.values["number"]: (ids[row.values["number"]], row.values["name"]) for row in rows}
    return Names(_("account"), ((pk, number, name) for number, (pk, name) in named.items()))


def _place_finder() -> Callable[[Row], int]:
    """Where a new account is today; nothing of it has to follow it there yet."""
    nobody, now = unassigned().pk, today()

    def find(row: Row) -> int:
        territory_id, day = row.values.get("territory"), row.values.get("starts_on")
        return territory_id if territory_id and day and day <= now else nobody

    return find


def _bring_places(by: int | None, rows: Sequence[Row], ids: dict[str, int]) -> None:
    """A place for each account that the file places and that has none from then on."""
    wanted = {
        ids[row.values["number"]]: (row.values["territory"], row.values["starts_on"])
        for row in rows
        if row.values.get("territory") and row.values.get("starts_on")
    }
    now = today()
    placed = write_places((account_id, *place, by) for account_id, place in wanted.items())
    move_accounts(
        {account_id: wanted[account_id][0] for account_id in placed if wanted[account_id][1] <= now}
    )


@act
def undo_import(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the customers of an import and their places. Who may: as for `apply_import`.

    The open work of customers that were here before follows them back.
    Raises InUse where something refers to them, they were changed, or an order of theirs was booked since.
    """
    reach().require("account", "assign")
    placed = {place.account_id for place in take_out_recorded(made, AccountTerritory)}
    refuse_recorded(made, AccountTerritory, "booking_event", order__account__in=placed)
    back = placed.intersection(put_back(made, Account))
    MovedAccount.objects.bulk_create(MovedAccount(account_id=pk) for pk in sorted(back))
    take_out(made, Account)
