"""Quotas brought in from files, in whichever grain the file has them: a quarter's is the sum of its rows."""

from collections import defaultdict
from collections.abc import Sequence
from typing import cast

from django.utils.translation import gettext as _

from catalog.models import Family
from common.importing import Names, Outcome, Reject, Row, resolved
from common.models import Period
from common.selectors import quarter_finder
from common.transaction import act, reach
from quotas.models import Quota
from quotas.rules import Key
from quotas.services.quotas import replace_quotas
from territories.models import Territory, User


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
    quarter_of, parts = quarter_finder(), defaultdict(list)
    for row in resolved(rows, outcome, names):
        quarter = quarter_of(row.values["on"])
        if wrong := _wrong(row, quarter):
            outcome.rejects.append(wrong)
        else:
            parts[_key(row, cast("Period", quarter))].append(row)
    outcome.add(*replace_quotas(by, {key: _together(rows) for key, rows in parts.items()}))
    return outcome


def _wrong(row: Row, quarter: Period | None) -> Reject | None:
    if bool(row.values.get("person")) == bool(row.values.get("territory")):
        return row.reject("person", _("It names both or neither."), _("Name a person or a territory."))
    if quarter is None:
        return row.reject("on", _("No fiscal year holds this day."), _("Add the year to the profile."))
    if quarter.is_closed:
        return row.reject("on", _("That quarter is closed."), _("Its quotas stay as they were."))
    if row.values["amount"] < 0:
        return row.reject("amount", _("It is below zero."), _("A quota is zero or more."))
    return None


def _key(row: Row, quarter: Period) -> Key:
    person, territory, family = (row.values.get(name) for name in ("person", "territory", "family"))
    return Key(person, territory, quarter.pk, family, row.values.get("kind") or Quota.Kind.ASSIGNED.value)


def _together(rows: Sequence[Row]) -> tuple[int, str]:
    """What the rows of one quota add up to, for the reason of the first of them."""
    return sum(row.values["amount"] for row in rows), rows[0].values.get("reason") or "import"
