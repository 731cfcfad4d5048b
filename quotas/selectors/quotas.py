"""The quotas of a quarter: what stands, for whom, and the versions before."""

from dataclasses import dataclass
from itertools import pairwise

from django.db.models import QuerySet

from common.access import Reach
from common.models import Period
from quotas.models import Quota


def quota_rows(mine: Reach, period: Period) -> QuerySet[Quota]:
    """The standing quotas of a quarter in reach."""
    rows = Quota.objects.visible_to(mine).current().filter(period=period)
    return rows.select_related("person", "territory", "family", "period", "recorded_by")


def standing_quota(mine: Reach, like: Quota) -> Quota | None:
    """The quota that stands for the same person or territory, quarter, family and kind; None: there is none yet."""
    return next((one.quota for one in quota_history(mine, like) if one.quota.superseded_at is None), None)


@dataclass(frozen=True)
class Version:
    """One version of a quota and, for the newer ones, what it was before."""

    quota: Quota
    before: Quota | None


def quota_history(mine: Reach, quota: Quota) -> list[Version]:
    """Every version of what is asked there, newest first."""
    rows = Quota.objects.visible_to(mine).filter(
        person=quota.person_id,
        territory=quota.territory_id,
        period=quota.period_id,
        family=quota.family_id,
        kind=quota.kind,
        measure=quota.measure,
        motion=quota.motion,
    )
    versions = list(
        rows.select_related("person", "territory", "family", "period", "recorded_by").order_by(
            "-recorded_at", "-id"
        )
    )
    return [Version(row, before) for row, before in pairwise([*versions, None]) if row]
