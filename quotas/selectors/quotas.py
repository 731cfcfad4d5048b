"""The quotas of a quarter: what stands, for whom, who may set it, and the versions before."""

from itertools import pairwise

from django.db.models import QuerySet

from common.access import Reach
from common.dated import DatedQuerySet
from common.models import Period
from quotas.models import Quota
from territories.models import Territory, User


def quota_rows(mine: Reach, period: Period) -> QuerySet[Quota]:
    """The standing quotas of a quarter in reach."""
    rows = Quota.objects.visible_to(mine).current().filter(period=period)
    return rows.select_related("person", "territory", "family", "period", "recorded_by")


def _below(mine: Reach) -> tuple[frozenset[int], frozenset[int]] | None:
    """The people and the territories whose quotas a leader may set: never their own; None: everybody's."""
    allowed = mine.relations("quota", "update")
    if "org" in allowed:
        return None
    return (mine.people, mine.territories - mine.nodes) if allowed else (frozenset(), frozenset())


def may_set(mine: Reach, quota: Quota) -> bool:
    """Whether this person may set the quota of that person or territory."""
    below = _below(mine)
    return below is None or quota.person_id in below[0] or quota.territory_id in below[1]


def assignable(mine: Reach) -> tuple[QuerySet[User], QuerySet[Territory]]:
    """The people and the territories whose quotas this person may set."""
    people, territories, below = User.objects.all(), Territory.objects.all(), _below(mine)
    if below is None:
        return people, territories
    return people.filter(pk__in=below[0]), territories.filter(pk__in=below[1])


def versions_of(mine: Reach, quota: Quota) -> DatedQuerySet:
    """Every version of what is asked there, newest first; the one that stands is `current`."""
    rows: DatedQuerySet = Quota.objects.visible_to(mine).filter(**quota.key._asdict(), measure=quota.measure)
    rows = rows.select_related("person", "territory", "family", "period", "recorded_by")
    return rows.order_by("-recorded_at", "-id")


def quota_history(mine: Reach, quota: Quota) -> list[tuple[Quota, Quota | None]]:
    """Every version, newest first, each with what it was before."""
    return [(row, before) for row, before in pairwise([*versions_of(mine, quota), None]) if row]
