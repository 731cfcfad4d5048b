"""Setting quotas, one or a file of them; every version stays."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from catalog.models import Family
from common.access import Reach, found
from common.dated import supersede_all
from common.errors import Conflict, Forbidden, Refused, Stale
from common.models import Period
from common.money import exponent
from common.selectors import the_organisation
from common.transaction import act, reach
from quotas.bulk import Fault, Known, Line, read_lines
from quotas.models import Quota
from quotas.rules import Key
from quotas.selectors.quotas import assignable, may_set
from quotas.services.acceptance import ask_acceptance
from territories.models import Territory, User

Wanted = tuple[int, str]
"""An amount, and the reason for it."""


@act
def set_quota(
    *,
    by: int,
    period_id: int,
    amount_minor: int,
    person_id: int | None = None,
    territory_id: int | None = None,
    family_id: int | None = None,
    kind: str = Quota.Kind.ASSIGNED,
    reason: str = "",
    version: int | None = None,
) -> Quota:
    """Set what is asked of a person or a territory for a quarter; a change supersedes the version that stands.

    For directors within their subtree and administrators. A change needs its reason; the same amount changes nothing.
    `version` is the quota that the change was read from. Raises Stale where another one stands by now.
    """
    key, reason = Key(person_id, territory_id, period_id, family_id, kind), reason.strip()
    period = _checked(key, amount_minor)
    standing = standing_quotas({key}).get(key)
    if version is not None and standing and standing.pk != version:
        raise Stale()
    if standing and standing.amount_minor == amount_minor:
        return standing
    quota = _new(by, key, amount_minor, reason, period)
    if standing:
        _need(reason)
        quota.recorded_at = standing.supersede(reason)
    quota.save(force_insert=True)
    ask_acceptance(by=by, changed=[key])
    return quota


def _checked(key: Key, amount_minor: int) -> Period:
    """The quarter of a quota that this person may set."""
    if bool(key.person_id) == bool(key.territory_id):
        raise Refused(_("A quota is for one person or for one territory."), path="assignee", code="assignee")
    if not may_set(reach(), Quota(**key._asdict())):
        raise Forbidden()
    assignees, pk = (User, key.person_id) if key.person_id else (Territory, key.territory_id)
    found(assignees.objects.filter(pk=pk).first())
    if key.family_id and not Family.objects.filter(pk=key.family_id).exists():
        raise Refused(_("There is no such product family."), path="family_id", code="unknown_family")
    if amount_minor < 0:
        raise Refused(_("A quota is zero or more."), path="amount_minor", code="quota_not_negative")
    return _quarter(key.period_id)


def _quarter(period_id: int) -> Period:
    period: Period = found(Period.objects.filter(pk=period_id).first())
    if period.kind != Period.Kind.QUARTER:
        raise Refused(_("A quota is set for a quarter."), path="period_id", code="not_a_quarter")
    if period.is_closed:
        message = _("%(period)s is closed; its quotas stay as they were.") % {"period": period.code}
        raise Conflict(message, path="period_id", code="period_closed")
    return period


def _need(reason: str) -> None:
    if not reason:
        message = _("Say why the quota changes; both versions are kept.")
        raise Refused(message, path="reason", code="reason_needed")


def standing_quotas(keys: AbstractSet[Key]) -> dict[Key, Quota]:
    """The quotas of these that stand already."""
    people, territories, periods = ({key[part] for key in keys} for part in range(3))
    whose = Q(person__in=people) | Q(territory__in=territories)
    rows = Quota.objects.current().filter(whose, period__in=periods)
    return {row.key: row for row in rows if row.key in keys}


def replace_quotas(
    by: int | None,
    wanted: Mapping[Key, Wanted],
    why: str = "",
    *,
    ended: Collection[Key] = (),
    asked_by: int | None = None,
) -> tuple[int, int, int]:
    """Set many quotas, each to its amount and for its reason; `why` goes with the versions that they supersede.

    Those of `ended` end with none to follow: their versions stay. Whose quotas changed is asked to accept them, by
    who sets them or by whoever wanted it so (`asked_by`).
    Answers how many are new, how many changed, and how many stood so already.
    """
    supersede_all(standing_quotas(set(ended)).values(), why)
    standing = standing_quotas(wanted.keys())
    new = [key for key in wanted if key not in standing]
    changed = [key for key in wanted if key in standing and standing[key].amount_minor != wanted[key][0]]
    since = supersede_all([standing[key] for key in changed], why)
    periods = Period.objects.in_bulk({key.period_id for key in wanted})
    rows = [_new(by, key, *wanted[key], periods[key.period_id]) for key in [*new, *changed]]
    for key, row in zip(changed, rows[len(new) :], strict=True):
        row.recorded_at = since[standing[key].pk]
    Quota.objects.bulk_create(rows, batch_size=2_000)
    ask_acceptance(by=asked_by or by, changed=[*new, *changed, *ended])
    return len(new), len(changed), len(standing) - len(changed)


def _new(by: int | None, key: Key, amount_minor: int, reason: str, period: Period) -> Quota:
    days = {"starts_on": period.starts_on, "stops_on": period.stops_on}
    return Quota(**key._asdict(), **days, amount_minor=amount_minor, reason=reason, recorded_by_id=by)


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
    standing = {} if faults else standing_quotas({one.key for one in lines})
    same = sum(one.key in standing and standing[one.key].amount_minor == one.amount_minor for one in lines)
    total = sum(one.amount_minor for one in lines)
    return Preview(lines, faults, len(lines) - len(standing), len(standing) - same, same, total)


def _known(mine: Reach) -> Known:
    """The names that a file may use: of what this person may set quotas for."""
    people, territories = assignable(mine)
    ids = {
        "person": dict(people.values_list("email", "pk")),
        "territory": dict(territories.values_list("code", "pk")),
        "period": dict(Period.objects.quarters().filter(is_closed=False).values_list("code", "pk")),
        "family": dict(Family.objects.values_list("code", "pk")),
    }
    return Known(ids, Quota.Kind.values, exponent(the_organisation().reporting_currency))


@act
def apply_quotas(*, by: int, content: str, reason: str = "") -> Preview:
    """Set every quota of a file, or none where it has a fault. For administrators."""
    reach().require("quota", "import")
    preview, why = preview_quotas(content), reason.strip()
    if preview.faults:
        raise Refused(_("The file has faults; nothing was applied."), path="file", code="file_faults")
    if preview.changed:
        _need(why)
    replace_quotas(by, {one.key: (one.amount_minor, why) for one in preview.lines}, why)
    return preview
