"""Administrators are told of runs that failed."""

from datetime import timedelta

from common.access import Role
from common.models import Run
from common.selectors import today
from common.slots import slot_urls
from common.transaction import now
from territories.models import RoleGrant
from workspace.models import Event, Message
from workspace.services.messages import tell

RECENT = timedelta(days=1)


def tell_of_failed_runs() -> None:
    """The organisation's own job: each job that failed is told once a day that it was to be run for, however often."""
    failed = Run.objects.filter(state=Run.State.FAILED, finished_at__gt=now() - RECENT).order_by("id")
    runs = {f"{run.job} {run.as_of}": run for run in reversed(failed)}
    told = Message.objects.filter(event=Event.RUN_FAILED, key__in=runs).values_list("key", flat=True)
    for key in runs.keys() - set(told):
        pages = slot_urls("run.page", runs[key].pk)
        people = RoleGrant.objects.on(today()).filter(role=Role.ADMIN).values_list("user_id", flat=True)
        tell(event=Event.RUN_FAILED, people=people, key=key, about=key, url=next(iter(pages), ""))
