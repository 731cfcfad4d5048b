"""What the worker does with messages."""

from celery import shared_task

from common.access import Reach
from common.transaction import work
from workspace import services


@shared_task(name="workspace.send_mail")
def send_mail() -> int:
    """Mails that are due leave."""
    return services.send_due()


@shared_task(name="workspace.tell_of_failed_runs")
def tell_of_failed_runs() -> None:
    """Administrators hear of what failed."""
    with work(by=None, why="runs that failed", reach=Reach.everything()):
        services.tell_of_failed_runs()
