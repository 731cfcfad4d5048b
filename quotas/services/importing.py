"""Quotas brought in from files, in whichever grain the file has them: a quarter's is the sum of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.models import Family
from common.importing import Names, Outcome, Row, resolved
from common.selectors import quarter_finder
from common.transaction import act, reach
from quotas.bulk import Key
from quotas.models import Quota
from quotas.services.quotas import replace_quotas
from territories.models import Territory, User


@dataclass
class _Sum:
    """What the rows of one quota add up to, and the first of them."""

    row: Row
    amount_minor: int = 0


@act
def apply_import(*, by: int | None, entity: str, rows: Sequence[Row]) -> Outcome:
    """Bring in quotas of people or territories: rows whose day lies in one quarter are added up.

    Administrators, and the organisation's own jobs. A quota that differs is superseded by a new version.
    """
    reach().require("quota", "import")
    outcome = Outcome()
    names = {
        "person": Names(_("person"), User.objects.values_list("pk", "email", "name")),
        "territory": Names(_("territory"), Territory.objects.values_list("pk", "code", "name")),
        "family": Names(_("product family"), Family.objects.values_list("pk", "code", "name")),
    }
    sums = _sums(resolved(rows, outcome, names), outcome)
    wanted = {key: (new.amount_minor, new.row.values.get("reason") or "import") for key, new in sums.items()}
    outcome.add(*replace_quotas(by, wanted))
    return outcome


def _sums(rows: Sequence[Row], outcome: Outcome) -> dict[Key, _Sum]:
    quarter_of = quarter_finder()
    sums: dict[Key, _Sum] = {}
    for row in rows:
        person, territory = row.values.get("person"), row.values.get("territory")
        quarter = quarter_of(row.values["on"])
        if bool(person) == bool(territory):
            outcome.rejects.append(
                row.reject("person", _("It names both or neither."), _("Name a person or a territory."))
            )
        elif quarter is None:
            outcome.rejects.append(
                row.reject("on", _("No fiscal year holds this day."), _("Add the year to the profile."))
            )
        elif quarter.is_closed:
            outcome.rejects.append(
                row.reject("on", _("That quarter is closed."), _("Its quotas stay as they were."))
            )
        elif row.values["amount"] < 0:
            outcome.rejects.append(
                row.reject("amount", _("It is below zero."), _("A quota is zero or more."))
            )
        else:
            kind = row.values.get("kind") or Quota.Kind.ASSIGNED.value
            key = (person, territory, quarter.pk, row.values.get("family"), kind)
            sums.setdefault(key, _Sum(row)).amount_minor += row.values["amount"]
    return sums
