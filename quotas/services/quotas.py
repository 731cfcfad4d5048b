"""Setting quotas, one or a file of them; every version stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from catalog.models import Family
from common.access import Reach, found
from common.errors import Conflict, Refused, Stale
from common.locale import exponent
from common.models import Period
from common.selectors import the_organisation
from common.transaction import act, reach
from quotas.imports import Fault, Key, Known, Line, read_lines
from quotas.models import Quota
from territories.models import Territory, User


@act
def set_quota(
    *,
    by: int,
    period_id: int,
    amount_minor: int,
    person_id: int | None = None,
    territory_id: int | None = None,
    family_id: int | None = None,
    kind: str = "assigned",
    motion: str = "",
    reason: str = "",
    version: int | None = None,
) -> Quota:
    """Set what is asked of a person or a territory for a quarter; a change supersedes the version that stands.

    For directors within their subtree and administrators. A change needs its reason; the same amount changes nothing.
    `version` is the quota that the change was read from. Raises Stale where another one stands by now.
    """
    reach().require("quota", "update", {"person_id": person_id, "territory_id": territory_id})
    period = _quarter(period_id)
    _check_assignee(person_id, territory_id)
    assignee = {"person_id": person_id, "territory_id": territory_id, "period_id": period_id}
    wanted = {**assignee, "family_id": family_id, "kind": kind, "motion": motion}
    standing: Quota | None = Quota.objects.current().filter(**wanted).first()
    if version and standing and standing.pk != version:
        raise Stale()
    if standing and standing.amount_minor == amount_minor:
        return standing
    if standing:
        _need(reason)
        return standing.replaced(amount_minor=amount_minor, reason=reason.strip(), recorded_by_id=by)
    line = Line(0, person_id, territory_id, period_id, family_id, amount_minor, kind)
    quota = _new(by, line, period, reason, motion)
    quota.save(force_insert=True)
    return quota


def _quarter(period_id: int) -> Period:
    period: Period = found(Period.objects.filter(pk=period_id).first())
    if period.kind != Period.Kind.QUARTER:
        raise Refused(_("A quota is set for a quarter."), path="period_id", code="not_a_quarter")
    if period.is_closed:
        message = _("%(period)s is closed; its quotas stay as they were.") % {"period": period.code}
        raise Conflict(message, path="period_id", code="period_closed")
    return period


def _check_assignee(person_id: int | None, territory_id: int | None) -> None:
    if (person_id is None) == (territory_id is None):
        raise Refused(_("A quota is for one person or for one territory."), path="assignee", code="assignee")
    if person_id:
        found(User.objects.filter(pk=person_id).first())
    if territory_id:
        found(Territory.objects.filter(pk=territory_id).first())


def _need(reason: str) -> None:
    if not reason.strip():
        raise Refused(
            _("Say why the quota changes; both versions are kept."), path="reason", code="reason_needed"
        )


def _new(by: int, line: Line, period: Period, reason: str, motion: str = "") -> Quota:
    return Quota(
        person_id=line.person_id,
        territory_id=line.territory_id,
        period=period,
        family_id=line.family_id,
        amount_minor=line.amount_minor,
        starts_on=period.starts_on,
        stops_on=period.stops_on,
        kind=line.kind,
        motion=motion,
        reason=reason.strip(),
        recorded_by_id=by,
    )


@dataclass(frozen=True)
class Preview:
    """What a file of quotas would do, or why it can't be applied."""

    lines: list[Line]
    faults: list[Fault]
    added: int
    changed: int
    unchanged: int
    total_minor: int


def preview_quotas(content: str) -> Preview:
    """Read a file of quotas and say what applying it would do; nothing is written."""
    lines, faults = read_lines(content, _known(reach()))
    standing = {} if faults else _standing(lines)
    changed = [one for one in lines if one.key in standing]
    same = sum(standing[one.key].amount_minor == one.amount_minor for one in changed)
    total = sum(one.amount_minor for one in lines)
    return Preview(lines, faults, len(lines) - len(changed), len(changed) - same, same, total)


def _known(mine: Reach) -> Known:
    """The names that a file may use: of what this person may set quotas for."""
    allowed = mine.relations("quota", "update")
    people, territories = User.objects.all(), Territory.objects.all()
    if "org" not in allowed:
        people = people.filter(pk__in=mine.people if "people" in allowed else [])
        territories = territories.filter(pk__in=mine.territories if "sub" in allowed else [])
    return Known(
        people=dict(people.values_list("email", "pk")),
        territories=dict(territories.values_list("code", "pk")),
        periods=dict(Period.objects.quarters().filter(is_closed=False).values_list("code", "pk")),
        families=dict(Family.objects.values_list("code", "pk")),
        kinds=Quota.Kind.values,
        decimals=exponent(the_organisation().reporting_currency),
    )


def _standing(lines: Sequence[Line]) -> dict[Key, Quota]:
    rows = Quota.objects.current().filter(
        Q(person__in={one.person_id for one in lines if one.person_id})
        | Q(territory__in={one.territory_id for one in lines if one.territory_id}),
        period__in={one.period_id for one in lines},
        motion="",
    )
    found_rows = {
        (row.person_id, row.territory_id, row.period_id, row.family_id, row.kind): row for row in rows
    }
    return {one.key: found_rows[one.key] for one in lines if one.key in found_rows}


@act
def apply_quotas(*, by: int, content: str, reason: str = "") -> Preview:
    """Set every quota of a file, or none where it has a fault.

    For directors within their subtree and administrators.
    """
    if not reach().relations("quota", "update"):
        reach().require("quota", "update", {})
    preview = preview_quotas(content)
    if preview.faults:
        raise Refused(_("The file has faults; nothing was applied."), path="file", code="file_faults")
    if preview.changed:
        _need(reason)
    standing = _standing(preview.lines)
    wanted = [
        one
        for one in preview.lines
        if one.key not in standing or standing[one.key].amount_minor != one.amount_minor
    ]
    old = [standing[one.key].pk for one in wanted if one.key in standing]
    Quota.objects.filter(pk__in=old, superseded_at=None).update(superseded_at=Now())
    periods = Period.objects.in_bulk({one.period_id for one in wanted})
    rows = (_new(by, one, periods[one.period_id], reason) for one in wanted)
    Quota.objects.bulk_create(rows, batch_size=2_000)
    return preview
