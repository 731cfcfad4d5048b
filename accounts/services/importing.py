"""Customers brought in from files, and taken back."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.utils.translation import gettext as _

from accounts.bulk import move_accounts, write_accounts, write_places
from accounts.models import (
    Account,
    AccountTerritory,
    Coverage,
    MovedAccount,
)
from accounts.rules.matching import domain_of, tax_number_of
from accounts.selectors.rules import misfit
from accounts.services.accounts import ACCOUNT_FIELDS
from accounts.services.standing import LISTS, bring_classes, classable, undo_classes
from accounts.services.turns import lock_families, wait_for_runs
from common.access import AnyOf
from common.errors import Refused
from common.importing import Names, Outcome, Reject, Row, as_columns, refusals, resolved
from common.selectors import today
from common.services import refuse_closed
from common.staging import ids_for
from common.transaction import act, reach
from common.undoing import Made, created, put_back, refuse_recorded, take_out, take_out_recorded
from territories.models import Territory
from territories.selectors import unassigned
from territories.services.tree import check_stays
from workspace.models import ListValue
from workspace.services import as_listed, unlisted
from workspace.services.own import has_own, own_rows

IMPORTED = {name.removesuffix("_minor").removesuffix("_id"): name for name in (*ACCOUNT_FIELDS, "own")}


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in customers by their number, with the territory that they are in from a day on.

    Administrators, and the organisation's own jobs. A profile that differs is changed; an account that stands in
    another territory on that day is rejected, because a move has a date that a file does not tell. So is one whose
    place would begin in a closed period, or before its territory, or on an overlay, and one that was merged into
    another one. An account that has a place from then on keeps it.
    Classes that differ hold from the row's day on.
    """
    reach().require("account", "assign")
    wait_for_runs()
    lock_families()
    outcome = Outcome()
    nodes = Names(_("territory"), Territory.objects.values_list("pk", "code", "name"))
    here = Account.objects.filter(_among("number", (row.values["number"] for row in rows)))
    known = dict(here.values_list("number", "pk"))
    for name, offered in {"industry": ListValue.List.INDUSTRY, **LISTS}.items():
        rows = _listed(rows, outcome, name, offered)
    if has_own(rows):
        here = here.order_by("pk").select_for_update(no_key=True)
    rows = own_rows("account", rows, dict(here.values_list("number", "own")), outcome)
    rows = classable([_spelled(row) for row in rows], known, outcome)
    rows = _placeable(resolved(rows, outcome, {"territory": nodes}), known, outcome)
    numbers = [row.values["number"] for row in rows]
    ids = dict(zip(numbers, ids_for("accounts_account", numbers, known), strict=True))
    rows = resolved(rows, outcome, {"parent": _parents(rows, ids)})
    named, values = as_columns(rows, IMPORTED)
    place_of = _place_finder()
    staged = [
        [ids[row.values["number"]], place_of(row), *cells] for row, cells in zip(rows, values, strict=True)
    ]
    new, changed = write_accounts(["id", "territory_id", *named], staged)
    _bring_places(by, rows, ids)
    changed |= bring_classes(by, rows, ids).intersection(known.values())
    outcome.add(new, len(changed), len(rows) - new - len(changed))
    return outcome


def _spelled(row: Row) -> Row:
    """The row with its web domain and tax number as they are kept."""
    kept = {"web_domain": domain_of, "tax_number": tax_number_of}
    values = {name: spell(row.values.get(name) or "") for name, spell in kept.items() if name in row.values}
    return replace(row, values={**row.values, **values})


def _listed(rows: Sequence[Row], outcome: Outcome, name: str, values: ListValue.List) -> list[Row]:
    """The rows whose value of that name is in its list, or is what their account has."""
    fault, kept, written = unlisted(values), [], as_listed(values)
    told = Account.objects.filter(number__in={row.values["number"] for row in rows if row.values.get(name)})
    held = dict(told.values_list("number", name))
    for row in rows:
        value = row.values.get(name) or ""
        wrong = fault(value) if value != held.get(row.values["number"]) else None
        if wrong:
            outcome.rejects.append(row.reject(name, *wrong))
        else:
            given = {name: written(value)} if value else {}
            kept.append(replace(row, values={**row.values, **given}))
    return kept


def _placeable(rows: Sequence[Row], known: dict[str, int], outcome: Outcome) -> list[Row]:
    """The rows whose account is, or may be put, where the file places it."""
    standing: dict[int, list[AccountTerritory]] = defaultdict(list)
    for place in AccountTerritory.in_field().current().filter(_among("account_id", known.values())):
        standing[place.account_id].append(place)
    refusal_of = refusals(_check_place)
    here = Account.objects.filter(_among("pk", known.values()))
    merged = set(here.exclude(merged_into=None).values_list("number", flat=True))
    kept = []
    for row in rows:
        if row.values["number"] in merged:
            problem = _("The account was merged into another one.")
            outcome.rejects.append(row.reject("number", problem, _("Use the number of the one that stayed.")))
        elif wrong := _misplaced(row, standing[known.get(row.values["number"], 0)], refusal_of):
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


def _check_place(territory_id: int, day: date) -> None:
    """Raises Refused where no account can be put into the territory from that day on."""
    refuse_closed(day, "starts_on")
    territory = check_stays(territory_id, day, "territory")
    if wrong := misfit(Coverage.FIELD, territory):
        raise Refused(wrong, path="territory")


def _parents(rows: Sequence[Row], ids: dict[str, int]) -> Names:
    """Accounts that may be named as parents: those that there are, and those of the file.

    Where one names none of them, all are read, so that the nearest can be told.
    """
    texts = {row.values["parent"] for row in rows if row.values.get("parent")}
    here = Account.objects.filter(_among("number", texts) | _among("name", texts))
    ours = {row.values["number"]: (ids[row.values["number"]], row.values["name"]) for row in rows}
    named = _by_number(here) | ours
    if texts - {text for number, (_pk, name) in named.items() for text in (number, name)}:
        named = _by_number(Account.objects.all()) | ours
    return Names(_("account"), ((pk, number, name) for number, (pk, name) in named.items()))


def _by_number(accounts: QuerySet[Account]) -> dict[str, tuple[int, str]]:
    return {number: (pk, name) for pk, number, name in accounts.values_list("pk", "number", "name")}


def _among(column: str, values: Iterable[Any]) -> Q:
    """Rows with one of these values, so that a file of ten lines does not read all that there is."""
    return Q(AnyOf(F(column), Value(list(values))))


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
    """Take back the customers of an import, their places and their classes. Who may: as for `apply_import`.

    The open work of customers that were here before follows them back.
    Raises InUse where something refers to them, they were changed, or an order of theirs was booked since.
    """
    reach().require("account", "assign")
    wait_for_runs()
    placed = {place.account_id for place in take_out_recorded(made, AccountTerritory)}
    refuse_recorded(made, AccountTerritory, "booking_event", order__account__in=placed)
    back = placed.intersection(put_back(made, Account))
    undo_classes(made, created(made, Account))
    MovedAccount.objects.bulk_create(MovedAccount(account_id=pk) for pk in sorted(back))
    take_out(made, Account)
