"""Modules and what is in them, brought in from files, and taken back."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from accounts.models import Account, Module, ModuleMember
from common.dated import record_all
from common.errors import Refused
from common.importing import Names, Outcome, Reject, Row, refusals, resolved
from common.services import refuse_closed
from common.transaction import act, reach
from common.undoing import Made, take_out, take_out_recorded


@act
def import_modules(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in modules by their name (`module`), or which accounts are in them from a day on (`module_member`).

    Administrators, and the organisation's own jobs. An account that is in another module on that day or later is
    rejected, because a move has a date that a file does not tell; so is a module that was retired.
    """
    reach().require("module", "update")
    outcome = Outcome()
    if entity == "module":
        known = {name.casefold() for name in Module.objects.values_list("name", flat=True)}
        new = [row.values["name"] for row in rows if row.values["name"].casefold() not in known]
        Module.objects.bulk_create(Module(name=name) for name in new)
        outcome.add(len(new), 0, len(rows) - len(new))
    else:
        _bring_members(by, rows, outcome)
    return outcome


def _bring_members(by: int | None, rows: Sequence[Row], outcome: Outcome) -> None:
    accounts = Names(_("account"), Account.objects.standing().values_list("pk", "number", "name"))
    modules = Module.objects.in_bulk()
    names = Names(_("module"), ((pk, module.name, module.name) for pk, module in modules.items()))
    rows = resolved(rows, outcome, {"account": accounts, "module": names})
    standing: dict[int, list[ModuleMember]] = defaultdict(list)
    ids = [row.values["account"] for row in rows]
    for member in ModuleMember.objects.current().filter(account_id__in=ids).select_related("module"):
        standing[member.account_id].append(member)
    closed, new = refusals(refuse_closed), []
    for row in rows:
        later = [one for one in standing[row.values["account"]] if row.values["starts_on"] < one.span.stop]
        if wrong := _misplaced(row, modules[row.values["module"]], later, closed):
            outcome.rejects.append(wrong)
        elif not later:
            new.append(_member(row, by))
    record_all(new)
    outcome.add(len(new), 0, len(rows) - len(new))


def _member(row: Row, by: int | None) -> ModuleMember:
    facts = {"account_id": row.values["account"], "module_id": row.values["module"]}
    reason = row.values.get("reason") or "import"
    return ModuleMember(**facts, starts_on=row.values["starts_on"], reason=reason, recorded_by_id=by)


def _misplaced(
    row: Row, module: Module, later: Sequence[ModuleMember], closed: Callable[..., Refused | None]
) -> Reject | None:
    """Why the account does not come into the module, if anything speaks against it; in it already it stays."""
    if not module.is_active:
        return row.reject(
            "module", _("The module was retired."), _("Use it again first, or name another one.")
        )
    other = next((one for one in later if one.module_id != module.pk), None)
    if other:
        problem = _("The account is in the module %(name)s on that day or later.") % {
            "name": other.module.name
        }
        return row.reject("module", problem, _("Move it on the page of that module."))
    refusal = None if later else closed(row.values["starts_on"], "starts_on")
    return row.reject("starts_on", str(refusal.message), _("Correct the row.")) if refusal else None


@act
def undo_modules(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the modules of an import, or what it put into them. Who may: as for `import_modules`.

    Raises InUse where they were changed since, or something else is in them.
    """
    reach().require("module", "update")
    if entity == "module":
        take_out(made, Module)
    else:
        take_out_recorded(made, ModuleMember)
