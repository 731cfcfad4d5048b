"""How customers are classified, by date: segment, tier, business unit, strategic."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.bulk.standing import classify_now
from accounts.models import CLASSES, Account, Classification
from accounts.services.merged import refuse_merged
from accounts.services.turns import wait_for_runs
from common.access import AnyOf, seen
from common.checks import refuse_unknown
from common.dated import make_room_for_all
from common.errors import NotInReach, Refused
from common.importing import Outcome, Row, refusals
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach
from common.undoing import Made, take_out_recorded
from workspace.models import ListValue
from workspace.services import as_listed, listed

MOST_AT_ONCE = 500
LISTS = {name: ListValue.List(name) for name in CLASSES if name in ListValue.List.values}
IN_FILES = {name.removeprefix("is_"): name for name in CLASSES}
"""What files call them."""
NOTHING = Classification()
Values = Mapping[str, Any]


@act
def classify_account(
    *, by: int, account_id: int, starts_on: date, reason: str = "", **values: Any
) -> list[int]:
    """The same for one customer."""
    seen(Account.objects.all(), reach(), account_id)
    return classify_accounts(by=by, account_ids=[account_id], starts_on=starts_on, reason=reason, **values)


@act
def classify_accounts(
    *, by: int, account_ids: Collection[int], starts_on: date, reason: str = "", **values: Any
) -> list[int]:
    """Say which segment, tier and business unit customers are in, and whether they are strategic, from a day on.

    Administrators, and managers where they lead the accounts' own territories: a specialist's seat gives no right over
    what rules decide by. What is not given stays as it is on that day; earlier days keep what
    they had, what was planned for later ones is dropped. Returns the ids of those that changed.
    Raises Conflict for a day in a closed period, Refused for more than 500, a value that is not in its list or an
    account that was merged into another one.
    """
    refuse_unknown(values, CLASSES)
    ids = sorted(set(account_ids))
    if not 0 < len(ids) <= MOST_AT_ONCE:
        message = _("Choose one to %(most)s accounts at once.") % {"most": MOST_AT_ONCE}
        raise Refused(message, path="account_ids", code="too_many")
    wait_for_runs()
    rows = Account.objects.visible_to(reach()).select_for_update(no_key=True, of=("self",))
    accounts = list(rows.filter(pk__in=ids).order_by("pk"))
    if len(accounts) < len(ids):
        raise NotInReach()
    for account in accounts:
        reach().require("account", "classify", {"territory_id": account.territory_id})
    refuse_merged(accounts)
    refuse_closed(starts_on, "starts_on")
    wanted = {account.pk: _as_listed(account, values) for account in accounts}
    changed = write_classes(wanted, starts_on, reason.strip(), by)
    if not changed:
        raise Refused(_("That is how it is classified on that day already."), path="starts_on", code="same")
    return changed


def _as_listed(account: Account, values: Values) -> dict[str, Any]:
    """The values as their lists write them; what an account has it keeps, and none is none."""
    return {
        name: listed(LISTS[name], value, name)
        if name in LISTS and value not in ("", getattr(account, name))
        else value
        for name, value in values.items()
    }


def write_classes(wanted: Mapping[int, Values], day: date, reason: str, by: int | None) -> list[int]:
    """Let these accounts be classified so from a day on, where they are not; for acts, which checked authority.

    What an account has now is recorded in the instant in which the last of what it had ended; by these instants an
    import's undoing finds what it replaced.
    """
    standing = {row.account_id: row for row in Classification.objects.on(day).filter(account__in=wanted)}
    later = Classification.objects.current().filter(account__in=wanted, starts_on__gt=day)
    planned = set(later.values_list("account_id", flat=True))
    new = [
        row
        for pk, values in wanted.items()
        if (row := _changed(pk, standing.get(pk), values, is_planned=pk in planned))
    ]
    ids = [row.account_id for row in new]
    rows = Classification.objects.filter(account__in=ids)
    ended = make_room_for_all(rows, day, reason, recorded_by_id=by)
    since: dict[int, datetime] = {}
    for account_id, pk in rows.filter(pk__in=ended).values_list("account_id", "pk"):
        since[account_id] = max(ended[pk], since.get(account_id, ended[pk]))
    for row in new:
        row.starts_on, row.reason, row.recorded_by_id = day, reason, by
        if row.account_id in since:
            row.recorded_at = since[row.account_id]
    Classification.objects.bulk_create(new)
    if day <= today():
        classify_now(today(), ids)
    return ids


def _changed(
    account_id: int, before: Classification | None, values: Values, *, is_planned: bool
) -> Classification | None:
    """The row that is to hold; None where the account is so already and nothing else is planned."""
    held = {name: getattr(before or NOTHING, name) for name in CLASSES}
    is_same = all(held[name] == value for name, value in values.items())
    if is_same and not is_planned and not (before and before.stops_on):
        return None
    return Classification(account_id=account_id, **{**held, **values})


@act
def apply_due_classifications(*, today: date) -> int:
    """Bring the classes of accounts to what holds today; the organisation's own job. Says how many changed."""
    wait_for_runs()
    return classify_now(today)


def undo_classes(made: Made, ids: Collection[int]) -> None:
    """Take back the classes that an import recorded, and let those stand again that it replaced; part of its undoing.

    `ids`: the customers that it made, which go themselves. Raises InUse for classes that were replaced since.
    """
    rows = take_out_recorded(made, Classification)
    theirs, instants = {row.account_id for row in rows}, {row.recorded_at for row in rows}
    gone = Classification.objects.filter(account__in=theirs, superseded_at__in=instants).order_by("pk")
    Classification.objects.bulk_create(row.changed(recorded_at=Now()) for row in gone)
    classify_now(today(), sorted(theirs.difference(ids)))


def classes_in(row: Row) -> dict[str, Any]:
    """What a file says of an account's classes; an empty cell says nothing."""
    return {
        name: row.values[column]
        for column, name in IN_FILES.items()
        if row.values.get(column) not in (None, "")
    }


def classable(rows: Sequence[Row], known: Mapping[str, int], outcome: Outcome) -> list[Row]:
    """The rows whose account is classified as they say, or may be from their day on; `known`: who is here already."""
    held: dict[int, list[Classification]] = defaultdict(list)
    for each in Classification.objects.current().filter(AnyOf(F("account_id"), Value(list(known.values())))):
        held[each.account_id].append(each)
    closed, kept = refusals(refuse_closed), []
    for row in rows:
        day, values = row.values.get("starts_on") or today(), classes_in(row)
        before = next((each for each in held[known.get(row.values["number"], 0)] if each.holds_on(day)), None)
        is_new = any(value != getattr(before or NOTHING, name) for name, value in values.items())
        if is_new and (refusal := closed(day, "starts_on")):
            outcome.rejects.append(row.reject("starts_on", str(refusal.message), _("Correct the row.")))
        else:
            kept.append(row)
    return kept


def bring_classes(by: int | None, rows: Sequence[Row], ids: Mapping[str, int]) -> set[int]:
    """Classify the accounts of a file as it says; returns the ids of those that changed."""
    as_written = {name: as_listed(list_) for name, list_ in LISTS.items()}
    wanted: dict[date, dict[int, Values]] = defaultdict(dict)
    for row in rows:
        values = {
            name: as_written[name](value) if name in as_written else value
            for name, value in classes_in(row).items()
        }
        if values:
            wanted[row.values.get("starts_on") or today()][ids[row.values["number"]]] = values
    return {pk for day, values in wanted.items() for pk in write_classes(values, day, _("import"), by)}
