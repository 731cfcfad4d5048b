"""Wake-ups: rows say what is due."""

from datetime import date

from celery import shared_task

from common.errors import Conflict
from quotas import services


@shared_task(name="quotas.nightly_due")
def nightly_due() -> None:
    """Run every fiscal day that ended, in order."""
    for day in services.due_days():
        try:
            services.run_nightly(as_of=day)
        except Conflict:
            return


@shared_task(name="quotas.nightly_now")
def nightly_now(as_of: str, asked_by_id: int) -> None:
    """Run one fiscal day because an administrator asked for it."""
    services.run_nightly(as_of=date.fromisoformat(as_of), asked_by_id=asked_by_id)


@shared_task(name="quotas.refresh_dirty")
def refresh_dirty() -> None:
    """Count the bookings that wait."""
    services.refresh_dirty()
