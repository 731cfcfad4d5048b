"""Modules: named bundles of accounts that move as one; an account is in one module a day."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Module, ModuleMember
from accounts.rules.conditions import as_json
from accounts.selectors.modules import filling
from accounts.services.merged import refuse_merged
from accounts.services.rules import read_conditions
from common.access import found
from common.checks import check_text, refuse_unknown
from common.dated import make_room_for_all, record_all
from common.errors import Conflict, Forbidden, NotInReach, Refused
from common.locale import format_number
from common.selectors import today
from common.services import refuse_closed
from common.transaction import act, reach

MODULE_FIELDS = frozenset({"name", "note", "conditions"})
MOST_PICKED = 500
"""So many accounts are picked from a list at once; by conditions and by import there are no bounds."""
NAMED = 5


@act
def create_module(*, by: int, name: str, note: str = "", conditions: Sequence[Any] = ()) -> Module:
    """Add a module with nothing in it; administrators and directors.

    Raises Refused for a name that is taken, and for conditions that can't be meant.
    """
    reach().require("module", "create")
    check_text(name, "name")
    return Module.objects.create(name=name.strip(), note=note.strip(), conditions=_checked(conditions))


@act
def edit_module(*, by: int, module_id: int, version: int, **changes: Any) -> None:
    """Change a module's name, note or conditions; administrators only. What is in it stays. Raises Stale."""
    reach().require("module", "update")
    refuse_unknown(changes, MODULE_FIELDS)
    if "name" in changes:
        check_text(changes["name"], "name")
    if "conditions" in changes:
        changes["conditions"] = _checked(changes["conditions"])
    Module.objects.change(module_id, version, **changes)


def _checked(written: Sequence[Any]) -> list[Any]:
    """Conditions as they are kept; none where a module is filled by hand. Raises Refused."""
    return as_json(read_conditions(written)) if written else []


@act
def retire_module(*, by: int, module_id: int, version: int, reason: str = "") -> int:
    """Use a module no more; administrators only. Its accounts leave it today and stay where they are.

    Says how many left. What was to come in later does not; what was in it stays known. Raises Stale.
    """
    reach().require("module", "update")
    module = locked_module(module_id)
    Module.objects.change(module_id, version, is_active=False)
    rows = ModuleMember.objects.filter(module=module)
    return len(make_room_for_all(rows, today(), reason.strip(), recorded_by_id=by, reason=reason.strip()))


@act
def restore_module(*, by: int, module_id: int, version: int) -> None:
    """Use a retired module again, with nothing in it; administrators only. Raises Stale."""
    reach().require("module", "update")
    Module.objects.change(module_id, version, is_active=True)


class Added(NamedTuple):
    """A module, and how many accounts came into it."""

    module: Module
    came: int


@act
def add_to_module(
    *,
    by: int,
    account_ids: Sequence[int],
    starts_on: date,
    module_id: int | None = None,
    name: str = "",
    reason: str = "",
    moves: bool = False,
) -> Added:
    """Put accounts that were picked into a module from a day on, or into a new one of that name; all of them or none.

    Administrators; directors those in the field below them. One that is in another module on that day or later is
    refused by name, or with `moves` leaves it. Raises Conflict for a day in a closed period.
    """
    if len(set(account_ids)) > MOST_PICKED:
        message = _(
            "At most %(most)s accounts are picked at once. Fill the module by conditions or an import."
        )
        raise Refused(message % {"most": format_number(MOST_PICKED)}, code="too_many")
    if (module_id is None) == (not name.strip()):
        message = _("Choose a module, or name a new one.")
        raise Refused(message, path="name" if name else "module_id", code="required")
    module = create_module(by=by, name=name) if module_id is None else _usable(module_id)
    return Added(module, put_in(by, module, account_ids, starts_on, reason.strip(), moves=moves))


def put_in(
    by: int | None, module: Module, account_ids: Iterable[int], starts_on: date, reason: str, *, moves: bool
) -> int:
    """Put accounts into a module; says how many came in. Raises Refused where all are in it already."""
    refuse_closed(starts_on, "starts_on")
    accounts = _bundled(account_ids)
    standing = ModuleMember.objects.overlapping(starts_on, None).filter(account_id__in=accounts)
    rows = list(standing.select_related("module").order_by("account__name_key", "account_id"))
    others = {row.account_id: row.module.name for row in rows if row.module_id != module.pk}
    if others and not moves:
        raise Refused(_elsewhere(accounts, others), path="moves", code="in_other_module")
    stay = {row.account_id for row in rows if row.module_id == module.pk and _lasts(row, starts_on)}
    coming = [pk for pk in accounts if pk not in stay]
    if not coming:
        message = _("They are in %(name)s on that day already.")
        raise Refused(message % {"name": module.name}, path="module_id", code="already_there")
    leaving = ModuleMember.objects.filter(account_id__in=coming)
    make_room_for_all(leaving, starts_on, reason, recorded_by_id=by, reason=reason)
    facts = {"module": module, "starts_on": starts_on, "reason": reason, "recorded_by_id": by}
    record_all(ModuleMember(account_id=pk, **facts) for pk in coming)
    return len(coming)


@act
def fill_module(
    *, by: int, module_id: int, starts_on: date, shown: str, reason: str = "", moves: bool = False
) -> Added:
    """Put into a module all accounts of which its conditions hold, from a day on, as `filling` has shown it.

    Who may: as for `add_to_module`; a director fills it with what lies below them. Accounts in other modules stay there
    unless they are to be moved (`moves`). Raises Conflict where it would be anything else than what was `shown`.
    """
    reach().require("module", "create")
    module = _usable(module_id)
    coming = filling(reach(), module, starts_on)
    if shown != coming.digest:
        message = _("Something changed since you looked. Nothing came in; look at it again.")
        raise Conflict(message, code="changed_since")
    ids = [*coming.new, *(coming.elsewhere if moves else [])]
    if not ids:
        raise Refused(_("No account comes in."), code="empty")
    return Added(module, put_in(by, module, ids, starts_on, reason.strip(), moves=moves))


@act
def take_out_of_module(
    *, by: int, module_id: int, account_ids: Sequence[int], starts_on: date, reason: str = ""
) -> int:
    """Let accounts leave a module, `starts_on` is the first day without it; says how many left, all of them or none.

    Who may: as for putting them in. Raises Refused where one is not in it from that day on, Conflict for a day in a
    closed period.
    """
    refuse_closed(starts_on, "starts_on")
    module = locked_module(module_id)
    accounts = _bundled(account_ids)
    rows = ModuleMember.objects.filter(module=module, account_id__in=accounts)
    inside = set(rows.overlapping(starts_on, None).values_list("account_id", flat=True))
    if missing := [pk for pk in accounts if pk not in inside]:
        message = _("Not in %(name)s on that day or later: %(accounts)s.")
        words = {"name": module.name, "accounts": _names([accounts[pk] for pk in missing])}
        raise Refused(message % words, path="starts_on", code="not_in_module")
    make_room_for_all(rows, starts_on, reason.strip(), recorded_by_id=by, reason=reason.strip())
    return len(inside)


def locked_module(module_id: int) -> Module:
    """The module, which nobody retires or fills meanwhile."""
    module: Module | None = Module.objects.select_for_update(no_key=True).filter(pk=module_id).first()
    return found(module)


def _usable(module_id: int) -> Module:
    """The same. Raises Refused for one that was retired."""
    module = locked_module(module_id)
    if not module.is_active:
        message = _("%(name)s was retired. Choose another module, or use it again first.")
        raise Refused(message % {"name": module.name}, path="module_id", code="retired")
    return module


def _bundled(account_ids: Iterable[int]) -> dict[int, str]:
    """The names of these accounts by their ids.

    Raises NotInReach, Forbidden for one that is not theirs to bundle, Refused for one that was merged into another one.
    """
    ids, mine = set(account_ids), reach()
    rows = Account.objects.visible_to(mine).filter(pk__in=ids).order_by("name_key", "pk")
    accounts = list(rows.only("name", "territory_id", "merged_into_id"))
    if len(accounts) < len(ids) or not ids:
        raise NotInReach()
    for territory_id in {account.territory_id for account in accounts}:
        if not mine.allows("account", "bundle", {"territory_id": territory_id}):
            theirs = [account.name for account in accounts if account.territory_id == territory_id]
            message = _("Only accounts below you go into modules or out of them; not yours: %(names)s.")
            raise Forbidden(message % {"names": _names(theirs)})
    refuse_merged(accounts)
    return {account.pk: account.name for account in accounts}


def _lasts(row: ModuleMember, day: date) -> bool:
    return row.starts_on <= day and row.stops_on is None


def _elsewhere(accounts: dict[int, str], others: dict[int, str]) -> str:
    """Which accounts are in another module, and in which."""
    named = [f"{accounts[pk]} ({module})" for pk, module in others.items()]
    message = ngettext(
        "%(count)s account is in another module then: %(names)s. Leave it out, or move it.",
        "%(count)s accounts are in other modules then: %(names)s. Leave them out, or move them.",
        len(others),
    )
    return message % {"count": format_number(len(others)), "names": _names(named)}


def _names(names: Collection[str]) -> str:
    """Some names, and that there are more."""
    return ", ".join([*list(names)[:NAMED], *(["…"] if len(names) > NAMED else [])])
