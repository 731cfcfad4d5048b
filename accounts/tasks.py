"""What the worker does for accounts."""

import logging

from celery import shared_task

from accounts import services
from accounts.bulk.counts import mend_counts, put_counts_together
from accounts.services.runs import run_waiting
from common.access import Reach
from common.selectors import organisation, today
from common.transaction import work

LOG = logging.getLogger(__name__)


@shared_task(name="accounts.apply_due_assignments")
def apply_due_assignments() -> int:
    """Accounts move on the day that was planned; before there is a company there are none."""
    with work(by=None, why="days that begin", reach=Reach.everything()):
        if organisation() is None:
            return 0
        services.apply_due_classifications(today=today())
        return services.apply_due_assignments(today=today())


@shared_task(name="accounts.put_counts_together")
def count_together() -> None:
    """Counts of accounts that came bit by bit become one row for each territory."""
    with work(by=None, why="counts put together", reach=Reach.everything()):
        put_counts_together()


@shared_task(name="accounts.compare_counts")
def compare_counts() -> None:
    """The counts are compared with the accounts, all of them; wrong ones are made anew."""
    with work(by=None, why="counts compared", reach=Reach.everything()):
        if wrong := mend_counts():
            LOG.warning("Counts of accounts were wrong in %s territories and were made anew.", wrong)


@shared_task(name="accounts.run_rules")
def run_rules() -> bool:
    """The run of the rules that somebody asked for, or one that was interrupted."""
    return run_waiting()
