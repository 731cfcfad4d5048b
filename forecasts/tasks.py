"""Wake-ups: rows say what is due."""

from celery import shared_task

from common.errors import Conflict
from forecasts import services


@shared_task(name="forecasts.nightly_due")
def nightly_due() -> None:
    """Freeze and score each day that has ended and whose attainment is published."""
    for day in services.due_days():
        try:
            services.run_nightly(as_of=day)
        except Conflict:
            return
