"""The quotas of a quarter: what stands, for whom, and the versions before."""

from dataclasses import dataclass
from itertools import pairwise

from django.db.models import QuerySet

from common.access import Reach
from common.models import Period
from quotas.models import Quota
from territories.models import Territory, User


def quota_rows(mine: Reach, period: Period) -> QuerySet[Quota]:
    """The standing quotas of a quarter in reach."""
    rows = Quota.objects.visible_to(mine).current().filter(period=period)
    return rows.select_related("person", "territory", "family", "period", "recorded_by")


def assignable(mine: Reach) -> tuple[QuerySet[User], QuerySet[Territory]]:
    """The people and the territories whose quotas this person may set."""
    allowed = mine.relations("quota", "update")
    people, territories = User.objects.all(), Territory.objects.all()
    if "org" not in allowed:
        people = people.filter(pk__in=mine.people if "people" in allowed else [])
        territories = territories.filter(pk__in=mine.territories if "sub" in allowed else [])
    return people, territories


def assignees(mine: Reach) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """The people at work and the territories to choose from, by name."""
    people, territories = assignable(mine)
    named = people.filter(is_active=True).order_by("name", "id")
    placed = territories.filter(is_unassigned=False).order_by("name", "id")
    return list(named.values_list("pk", "name")), list(placed.values_list("pk", "name"))


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
    )
    versions = list(
        rows.select_related("person", "territory", "family", "period", "recorded_by").order_by(
            "-recorded_at", "-id"
        )
    )
    return [Version(row, before) for row, before in pairwise([*versions, None]) if row]
