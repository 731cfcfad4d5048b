"""Open deals and tasks pass to other people, each to its own."""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import F
from django.urls import reverse

from common.models import EditableQuerySet
from common.transaction import act, context, reach, widened
from pipeline.models import Activity, Opportunity
from workspace.models import Event
from workspace.services import Told, tell_each


@act
def pass_work(*, by: int | None, deals: Mapping[int, int], activities: Mapping[int, int]) -> int:
    """Give open deals and activities still to be done to other owners, each by its id; whoever may give to anybody.

    What was closed or done meanwhile stays where it is. Each receiver is told once. Says how many rows passed.
    """
    for name in ("opportunity", "activity"):
        reach().require(name, "update")
    _tell(deals, by)
    opened, undone = Opportunity.objects.open(), Activity.objects.filter(done_at=None)
    return _give(opened, deals) + _give(undone, activities)


def pass_activities(given: Mapping[int, int]) -> None:
    """What the owners of deals had still to do for them goes along to the new owner of each.

    For acts that have checked that the deals may be given, and locked them: before they are written, which tell whose
    they were.
    """
    to: dict[int, list[int]] = defaultdict(list)
    for pk, owner in given.items():
        to[owner].append(pk)
    with widened("activity"):
        for owner, ids in sorted(to.items()):
            left = Activity.objects.filter(opportunity__in=ids, done_at=None)
            left = left.filter(owner_id=F("opportunity__owner_id"))
            left.update(owner_id=owner, version=F("version") + 1)


def _give(rows: EditableQuerySet, owners: Mapping[int, int]) -> int:
    """As many statements as there are receivers, however much passes."""
    given: dict[int, list[int]] = defaultdict(list)
    for pk in sorted(owners):
        given[owners[pk]].append(pk)
    return sum(
        rows.filter(pk__in=ids).update(owner_id=owner, version=F("version") + 1)
        for owner, ids in sorted(given.items())
    )


def _tell(owners: Mapping[int, int], by: int | None) -> None:
    names = dict(Opportunity.objects.open().filter(pk__in=list(owners)).values_list("pk", "name"))
    came: dict[int, list[int]] = defaultdict(list)
    for pk in sorted(names):
        came[owners[pk]].append(pk)
    news = []
    for person_id, deals in came.items():
        if person_id != by:
            key = f"{context().request_id} {deals[0]}"
            url = reverse("opportunity_detail", args=[deals[0]])
            about = {"about": names[deals[0]], "url": url} if len(deals) == 1 else {}
            news.append(
                Told(person_id, key, **{"url": reverse("opportunity_list"), **about, "count": len(deals)})
            )
    tell_each(event=Event.DEAL_CAME, news=news, by=by)
