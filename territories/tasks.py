"""What the worker does for territories."""

from celery import shared_task

from common.access import Reach
from common.selectors import organisation, today
from common.transaction import work
from territories import services


@shared_task(name="territories.apply_due_names")
def apply_due_names() -> int:
    """Territories are called anew on the day that was planned; before there is a company there are none."""
    with work(by=None, why="names that begin", reach=Reach.everything()):
        return services.apply_due_names(today=today()) if organisation() else 0
