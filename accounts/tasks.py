"""What the worker does for accounts."""

from celery import shared_task

from accounts import services
from common.access import Reach
from common.selectors import organisation, today
from common.transaction import work


@shared_task(name="accounts.apply_due_assignments")
def apply_due_assignments() -> int:
    """Accounts move on the day that was planned; before there is a company there are none."""
    with work(by=None, why="days that begin", reach=Reach.everything()):
        return services.apply_due_assignments(today=today()) if organisation() else 0
