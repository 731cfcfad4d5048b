"""What accounts could buy in a fiscal year: typed one by one, or brought in from files."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Potential
from accounts.selectors.potential import said_before
from accounts.services.merged import refuse_merged
from catalog.models import Family
from common.access import found, seen
from common.errors import Refused
from common.importing import Names, Outcome, Row, resolved
from common.models import Period
from common.selectors import today
from common.staging import append
from common.transaction import act, reach
from common.undoing import Made, take_out_recorded

MOST_MINOR = 10**15
Key = tuple[int, int, int, date]
"""Account, family, fiscal year, and the day as of which."""
COLUMNS = ("account_id", "family_id", "year_id", "amount_minor", "as_of", "source", "recorded_by_id")


@act
def set_potential(
    *,
    by: int,
    account_id: int,
    family_id: int,
    year_id: int,
    amount_minor: int | None,
    as_of: date,
    source: str = "",
) -> Potential:
    """Say what an account could buy of a family in a fiscal year, in the reporting currency; whoever may update it in
    its own territory.

    Without an amount it is not known any more. What was said before stays readable, and counts where it is of a newer
    day. Raises Refused for a day to come, an amount that is too large, and NotInReach.
    """
    account = seen(Account.objects.all(), reach(), account_id)
    reach().require("account", "update", {"territory_id": account.territory_id})
    refuse_merged([account])
    if as_of > today():
        raise Refused(
            _("Choose today or an earlier day: as of when is it known?"), path="as_of", code="future"
        )
    if amount_minor is not None and not 0 <= amount_minor < MOST_MINOR:
        raise Refused(_("A potential is zero or more, and less than can be sold."), path="amount_minor")
    family = Family.objects.filter(pk=family_id).first()
    if family is None:
        raise Refused(_("Choose one of the product families."), path="family_id", code="unknown_family")
    year = found(Period.objects.filter(pk=year_id, kind=Period.Kind.YEAR).first())
    said = {"amount_minor": amount_minor, "as_of": as_of, "source": source.strip(), "recorded_by_id": by}
    return Potential.objects.create(account=account, family=family, year=year, **said)


@act
def import_potentials(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in potentials by account, family and fiscal year; administrators, and the organisation's own jobs.

    What stands so already, as of that day and from that source, is left as it is.
    """
    reach().require("account", "assign")
    outcome = Outcome()
    years = dict(Period.objects.filter(kind=Period.Kind.YEAR).values_list("code", "pk"))
    names = {
        "account": Names(_("account"), Account.objects.standing().values_list("pk", "number", "name")),
        "family": Names(_("family"), Family.objects.values_list("pk", "code", "name")),
    }
    kept = [row for row in resolved(rows, outcome, names) if _is_fit(row, years, outcome)]
    wanted = {_key(row, years): row for row in kept}
    before = said_before([key[0] for key in wanted])
    new = {key: row for key, row in wanted.items() if not _is_same(before.get(key), row)}
    append("accounts_potential", COLUMNS, [_values(key, row, by) for key, row in new.items()])
    known = {key[:3] for key in before}
    created = sum(key[:3] not in known for key in new)
    outcome.add(created, len(new) - created, len(kept) - len(new))
    return outcome


def _is_fit(row: Row, years: dict[str, int], outcome: Outcome) -> bool:
    """Whether the fiscal year is in the calendar, and the day is not to come."""
    if row.values["year"] not in years:
        remedy = _("The calendar has: %(known)s.") % {"known": ", ".join(sorted(years)[-5:])}
        outcome.rejects.append(row.reject("year", _("There is no such fiscal year."), remedy))
    elif row.values["as_of"] > today():
        problem, remedy = _("That day is to come."), _("Choose today or an earlier day.")
        outcome.rejects.append(row.reject("as_of", problem, remedy))
    else:
        return True
    return False


def _key(row: Row, years: dict[str, int]) -> Key:
    return row.values["account"], row.values["family"], years[row.values["year"]], row.values["as_of"]


def _is_same(held: Potential | None, row: Row) -> bool:
    said = (row.values["amount"], row.values.get("source") or "")
    return held is not None and (held.amount_minor, held.source) == said


def _values(key: Key, row: Row, by: int | None) -> list[Any]:
    account, family, year, as_of = key
    return [account, family, year, row.values["amount"], as_of, row.values.get("source") or "", by]


@act
def undo_potentials(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the potentials of an import; what was said before counts again. Who may: as for `import_potentials`."""
    reach().require("account", "assign")
    take_out_recorded(made, Potential)
