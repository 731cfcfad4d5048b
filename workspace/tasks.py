"""What the worker does with messages."""

from celery import shared_task

from common.access import Reach
from common.transaction import work
from workspace import services
from workspace.services import webhook_sending


@shared_task(name="workspace.send_mail")
def send_mail() -> int:
    """Mails that are due leave."""
    return services.send_due()


@shared_task(name="workspace.tell_of_failed_runs")
def tell_of_failed_runs() -> None:
    """Administrators hear of what failed."""
    with work(by=None, why="runs that failed", reach=Reach.everything()):
        services.tell_of_failed_runs()


@shared_task(name="workspace.send_webhooks")
def send_webhooks() -> int:
    """Programs hear of what happened."""
    return webhook_sending.send_due()


@shared_task(name="workspace.forget_deliveries")
def forget_deliveries() -> None:
    """What webhooks were sent long ago goes."""
    with work(by=None, why="old deliveries go", reach=Reach.everything()):
        webhook_sending.forget_deliveries()
