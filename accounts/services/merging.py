"""What belongs to a customer goes over to another one, because both are the same; and comes back."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from accounts.bulk import move_accounts
from accounts.models import (
    Account,
    AccountTerritory,
    Contact,
    Coverage,
    Hold,
    Module,
    ModuleMember,
    MovedAccount,
)
from accounts.services.holds import owns_place
from common.dated import make_room_for_all
from common.errors import Refused
from common.selectors import today
from territories.selectors import unassigned
from territories.services.tree import check_stays

ENDED: dict[str, Any] = {"territories": AccountTerritory, "holds": Hold, "modules": ModuleMember}
"""What is dated and ends with an account that is merged."""
Moved = dict[str, Any]


def merge_into(*, by: int, survivor: Account, merged: Account, reason: str) -> Moved:
    """Give a customer's contacts and subsidiaries to another one and let its territories, holds and modules end today.

    For acts, which checked authority and locked both. Says what moved: what `take_apart` needs. What was merged into
    it before leads to the survivor too, so that nobody is merged into one that is merged itself. The survivor's first
    order is the earlier one of both from now on; what was credited keeps its standing.
    """
    first = min(filter(None, (survivor.first_ordered_on, merged.first_ordered_on)), default=None)
    moved = {
        "contacts": moved_rows(Contact.objects.filter(account=merged), account=survivor),
        "parents": _hang_below(survivor, merged),
        "merged": moved_rows(Account.objects.filter(merged_into=merged), merged_into=survivor),
        "first_ordered_on": [_iso(survivor.first_ordered_on), _iso(first)],
        **_ended(merged, reason, by),
    }
    _change(survivor, first_ordered_on=first)
    _change(merged, merged_into=survivor)
    MovedAccount.objects.create(account=survivor)
    return moved


def take_apart(
    *, survivor: Account, merged: Account, moved: Mapping[str, Any], first_ordered_on: date | None
) -> Moved:
    """Put back what `merge_into` moved where it still stands as that left it; dated things begin again today.

    For acts. `first_ordered_on` is the survivor's own. Says what stayed, because it was changed since.
    """
    mine = Contact.objects.filter(account=survivor, pk__in=moved["contacts"])
    back = moved_rows(mine, account=merged)
    kept = {"contacts": sorted({*moved["contacts"]}.difference(back)), "parents": []}
    for child, parent in moved["parents"].items():
        rows = Account.objects.filter(pk=int(child), parent_id=parent)
        if not rows.update(parent=merged, version=F("version") + 1):
            kept["parents"].append(int(child))
    if survivor.first_ordered_on == _day(moved["first_ordered_on"][1]):
        _change(survivor, first_ordered_on=first_ordered_on)
    _change(merged, merged_into=None)
    moved_rows(
        Account.objects.filter(merged_into=survivor, pk__in=moved.get("merged", ())), merged_into=merged
    )
    kept |= {name: _begun_again(merged, model, moved[name]) for name, model in ENDED.items()}
    _stand_where_held(merged)
    MovedAccount.objects.bulk_create(MovedAccount(account=one) for one in (survivor, merged))
    return kept


def moved_rows(rows: QuerySet[Any], **changes: Any) -> list[int]:
    """Change these rows, locked in their order, with their versions; returns their ids."""
    ids = list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=ids).update(**changes, version=F("version") + 1)
    return ids


def _change(account: Account, **changes: Any) -> None:
    Account.objects.filter(pk=account.pk).update(**changes, version=F("version") + 1)


def _hang_below(survivor: Account, merged: Account) -> dict[str, int | None]:
    """The new parents of a customer's subsidiaries: the survivor; above the survivor itself, their grandparent."""
    above = set(_chain(survivor))
    parents = {
        pk: merged.parent_id if pk in above else survivor.pk
        for pk in Account.objects.filter(parent=merged).order_by("pk").values_list("pk", flat=True)
    }
    for pk, parent in parents.items():
        Account.objects.filter(pk=pk).update(parent_id=parent, version=F("version") + 1)
    return {str(pk): parent for pk, parent in parents.items()}


def _chain(account: Account) -> Iterable[int]:
    """The ids of an account and of those above it, each once."""
    above: int | None = account.pk
    passed: set[int] = set()
    while above is not None and above not in passed:
        yield above
        passed.add(above)
        above = Account.objects.values_list("parent_id", flat=True).get(pk=above)


def _ended(merged: Account, reason: str, by: int) -> dict[str, list[int]]:
    """End what is dated today; the ids of the rows that stood."""
    ended = {}
    for name, model in ENDED.items():
        rows = model.objects.filter(account=merged)
        ended[name] = list(make_room_for_all(rows, today(), reason, recorded_by_id=by))
    _stand_where_held(merged)
    return ended


def _begun_again(merged: Account, model: Any, ids: Iterable[int]) -> list[int]:
    """Let what stood stand again from today on; the ids of those that do not.

    Something else stands in their place now, or what they name is there no more.
    """
    kept = []
    for row in model.objects.filter(pk__in=ids).order_by("pk"):
        start = max(row.starts_on, today())
        if row.stops_on and row.stops_on <= start:
            continue
        same = {"account": merged, **({"coverage": row.coverage} if model is AccountTerritory else {})}
        if _is_gone(row, start) or model.objects.overlapping(start, row.stops_on).filter(**same).exists():
            kept.append(row.pk)
        else:
            row.changed(starts_on=start, recorded_at=Now()).save(force_insert=True)
    return kept


def _is_gone(row: AccountTerritory | Hold | ModuleMember, day: date) -> bool:
    """Whether a territory left the tree, a module was retired, or who held the account does not own its place."""
    if isinstance(row, AccountTerritory):
        try:
            check_stays(row.territory_id, day, stops_on=row.stops_on)
        except Refused:
            return True
        return False
    if isinstance(row, Hold):
        return not owns_place(row.person_id, row.account_id, day)
    modules = Module.objects.select_for_update(no_key=True).filter(pk=row.module_id, is_active=True)
    return modules.first() is None


def _stand_where_held(account: Account) -> None:
    """The territories that an account carries are those that hold today."""
    held = dict(
        AccountTerritory.objects.on(today()).filter(account=account).values_list("coverage", "territory_id")
    )
    for coverage in Coverage.values:
        nobody = unassigned().pk if coverage == Coverage.FIELD else None
        move_accounts({account.pk: held.get(coverage, nobody)}, coverage)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
