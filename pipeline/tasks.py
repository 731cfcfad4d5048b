"""What the worker does for the pipeline."""

from celery import shared_task

from common.access import Reach
from common.transaction import work
from pipeline import services


@shared_task(name="pipeline.follow_accounts")
def follow_accounts() -> None:
    with work(by=None, why="open work follows its account", reach=Reach.everything()):
        services.follow_accounts()


@shared_task(name="pipeline.tell_untouched")
def tell_untouched() -> None:
    """People hear of leads with which nothing was done."""
    with work(by=None, why="leads that nobody touched", reach=Reach.everything()):
        services.tell_untouched()
