"""Quotas brought in from files, in whichever grain the file has them: a quarter's is the sum of its rows."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

from django.utils.translation import gettext as _

from catalog.models import Family
from common.errors import Conflict
from common.importing import Names, Outcome, Reject, Row, resolved
from common.models import Period
from common.selectors import quarter_finder
from common.transaction import act, reach
from common.undoing import InUse, Made, recorded
from quotas.models import Quota
from quotas.rules import Key
from quotas.services.acceptance import refuse_accepted
from quotas.services.quotas import replace_quotas, standing_quotas
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
        return row.reject("on", _("No fiscal year holds this day."), _("Add the fiscal year first."))
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


@act
def undo_import(*, by: int | None, entity: str, made: Made) -> None:
    """Take back the quotas of an import: each is superseded, and what it replaced is recorded anew.

    What people were asked to accept is withdrawn; whoever has quotas left is asked about those.

    Who may: as for `apply_import`. Raises InUse where one was changed since, Conflict for a closed quarter and for
    quotas that somebody accepted.
    """
    reach().require("quota", "import")
    wanted = {row.key: row for row in recorded(made, Quota).select_related("period")}
    if closed := sorted({row.period.code for row in wanted.values() if row.period.is_closed}):
        message = _("%(period)s is closed; its quotas stay as they were.") % {"period": ", ".join(closed)}
        raise Conflict(message, code="period_closed")
    standing = standing_quotas(wanted.keys())
    now = {key: row.amount_minor for key, row in standing.items()}
    if changed := sum(now.get(key) != row.amount_minor for key, row in wanted.items()):
        raise InUse(Quota, changed=changed)
    refuse_accepted(wanted.values())
    why = _("import undone")
    before = {key: (row.amount_minor, why) for key, row in _replaced(wanted).items()}
    replace_quotas(by, before, why, ended=standing.keys() - before.keys())


def _replaced(wanted: Mapping[Key, Quota]) -> dict[Key, Quota]:
    """What these replaced: of their key the version that was superseded in the instant in which they were recorded."""
    instants = {row.recorded_at for row in wanted.values()}
    periods = {key.period_id for key in wanted}
    rows = Quota.objects.filter(superseded_at__in=instants, period__in=periods).order_by("pk")
    return {
        row.key: row
        for row in rows
        if (own := wanted.get(row.key)) and row.pk < own.pk and row.superseded_at == own.recorded_at
    }
