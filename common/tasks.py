"""What the worker does for the organisation."""

from celery import shared_task

from common import services
from common.access import Reach
from common.transaction import work


@shared_task(name="common.forget_keys")
def forget_keys() -> None:
    """Old idempotency keys go."""
    with work(by=None, why="old keys go", reach=Reach.everything()):
        services.forget_keys()


@shared_task(name="common.forget_changes")
def forget_changes() -> None:
    """What was noted of old changes goes."""
    with work(by=None, why="old changes go", reach=Reach.everything()):
        services.forget_changes()
