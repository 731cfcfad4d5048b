"""Quotas brought in from files, in whichever grain the file has them: a quarter's is the sum of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from catalog.models import Family
from common.importing import Names, Outcome, Row, resolved
from common.models import Period
from common.transaction import act, reach
from quotas.models import Quota
from territories.models import Territory, User

Key = tuple[int | None, int | None, int, int | None, str]


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
    reach().require("quota", "update")
    outcome = Outcome()
    names = {
        "person": Names(_("person"), User.objects.values_list("pk", "email", "name")),
        "territory": Names(_("territory"), Territory.objects.values_list("pk", "code", "name")),
        "family": Names(_("product family"), Family.objects.values_list("pk", "code", "name")),
    }
    sums = _sums(resolved(rows, outcome, names), outcome)
    standing = {_key(quota): quota for quota in Quota.objects.current().filter(motion="")}
    changed = [
        key for key, new in sums.items() if key in standing and standing[key].amount_minor != new.amount_minor
    ]
    Quota.objects.filter(pk__in=[standing[key].pk for key in changed]).update(superseded_at=Now())
    created = [key for key in sums if key not in standing]
    periods = Period.objects.in_bulk({key[2] for key in sums})
    Quota.objects.bulk_create(
        (_quota(by, key, sums[key], periods[key[2]]) for key in [*created, *changed]), batch_size=2_000
    )
    outcome.add(len(created), len(changed), len(sums) - len(created) - len(changed))
    return outcome


def _sums(rows: Sequence[Row], outcome: Outcome) -> dict[Key, _Sum]:
    quarters = list(Period.objects.quarters())
    sums: dict[Key, _Sum] = {}
    for row in rows:
        person, territory = row.values.get("person"), row.values.get("territory")
        quarter = _quarter(quarters, row.values["on"])
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


def _quarter(quarters: Sequence[Period], day: date) -> Period | None:
    return next((quarter for quarter in quarters if quarter.starts_on <= day < quarter.stops_on), None)


def _key(quota: Quota) -> Key:
    return quota.person_id, quota.territory_id, quota.period_id, quota.family_id, quota.kind


def _quota(by: int | None, key: Key, new: _Sum, period: Period) -> Quota:
    person_id, territory_id, period_id, family_id, kind = key
    return Quota(
        person_id=person_id,
        territory_id=territory_id,
        period_id=period_id,
        family_id=family_id,
        kind=kind,
        amount_minor=new.amount_minor,
        reason=new.row.values.get("reason") or "import",
        starts_on=period.starts_on,
        stops_on=period.stops_on,
        recorded_by_id=by,
    )
