"""What the worker does about imports."""

from celery import shared_task

from common.access import Reach
from common.transaction import work
from imports import services


@shared_task(name="imports.forget_contents")
def forget_contents() -> None:
    """What tables held that are not in goes after 30 days."""
    with work(by=None, why="old tables go", reach=Reach.everything()):
        services.forget_contents()
