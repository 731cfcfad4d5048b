"""Wake-ups: rows say what is due."""

from celery import shared_task

from common.errors import Conflict
from quotas import services


@shared_task(name="quotas.nightly_due")
def nightly_due() -> None:
    """Run every fiscal day that ended or was asked for, in order."""
    for day in services.due_days():
        try:
            services.run_nightly(as_of=day)
        except Conflict:
            return


@shared_task(name="quotas.refresh_dirty")
def refresh_dirty() -> None:
    """Count the bookings that wait."""
    services.refresh_dirty()


@shared_task(name="quotas.run_part")
def run_part() -> None:
    """Help with the run in progress."""
    services.help_with_run()
