"""Wake-ups: rows say what is due."""

from celery import shared_task

from common.access import Reach
from common.errors import Conflict
from common.transaction import work
from forecasts import services


@shared_task(name="forecasts.nightly_due")
def nightly_due() -> None:
    """Freeze and score each day that has ended and whose attainment is published."""
    for day in services.due_days():
        try:
            services.run_nightly(as_of=day)
        except Conflict:
            return


@shared_task(name="forecasts.remind")
def remind() -> None:
    """People hear that their call is due, or late."""
    with work(by=None, why="forecast calls that are due", reach=Reach.everything()):
        services.remind()
