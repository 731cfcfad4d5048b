"""The worker and its clock. Rows say what is due; a tick only wakes whoever looks.

What a night does is in `quotas/services/night.py` (STEPS) and `forecasts/services/night.py`.
"""

import logging
import os
from typing import Any

from celery import Celery, Task
from celery.beat import PersistentScheduler, ScheduleEntry, SchedulingError
from celery.exceptions import TimeLimitExceeded
from celery.schedules import crontab
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError

from common.queue import note_away

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
os.environ.setdefault("DATABASE_ROLE", "worker")

LOG = logging.getLogger(__name__)


class Clock(PersistentScheduler):
    """Wakes the worker; while the queue takes nothing, it does itself what is due, one thing after the other."""

    def apply_async(self, entry: ScheduleEntry, *args: Any, **kwargs: Any) -> Any:
        try:
            self.connection.ensure_connection(max_retries=0)
            return super().apply_async(entry, *args, **kwargs)
        except (OperationalError, SchedulingError) as error:
            LOG.warning("the queue does not answer, so the clock does it: %s", error)
            try:
                note_away()
                return self.app.tasks[str(entry.task)].apply()
            finally:
                connections.close_all()

    def _ensure_connected(self) -> Any:
        """Nothing waits for the queue: each thing that is due asks whether it is there, also the first one."""
        return self.connection


TIMED_OUT = {
    "quotas.nightly_due": "quotas.services.night.note_timed_out",
    "quotas.refresh_dirty": "quotas.services.refresh.note_timed_out",
    "forecasts.nightly_due": "forecasts.services.night.note_timed_out",
}
"""What is told, and after how many seconds, where the time limit ended a task."""


class Told(Task):  # type: ignore[type-arg]
    """Work whose end by the time limit is told to what takes account of it (TIMED_OUT)."""

    def on_failure(self, exc: Exception, *_more: Any) -> None:
        """Of a time limit this is called once, in the worker's main process, which goes on to end the child."""
        if str(self.name) not in TIMED_OUT or not isinstance(exc, TimeLimitExceeded):
            return
        try:
            import_string(TIMED_OUT[str(self.name)])(exc.args[0])
        except DatabaseError:
            LOG.exception("nobody could be told that %s was ended by the time limit", self.name)
        finally:
            connections.close_all()  # the children to come have connections of their own


def wakes(task: str, seconds: float) -> dict[str, Any]:
    """A tick that is forgotten when the next one comes."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds, "retry": False}}


app = Celery("salesops", task_cls=Told)
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    },
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=1800,
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=500,
    accept_content=["json"],
    timezone="UTC",
    beat_scheduler="salesops.celery:Clock",
    beat_schedule={
        "what is due of the night, and what is asked for": wakes("quotas.nightly_due", 5),
        "attainment behind the ledger": wakes("quotas.refresh_dirty", 2),
        "parts of the run in progress": wakes("quotas.run_part", 2),
        "deals of moved accounts": wakes("pipeline.follow_accounts", 10),
        "leads that nobody touched": wakes("pipeline.tell_untouched", 300),
        "rules that somebody runs": wakes("accounts.run_rules", 5),
        "days that begin": wakes("accounts.apply_due_assignments", 300),
        "counts of accounts": wakes("accounts.put_counts_together", 300),
        "realignments that were approved": wakes("planning.publish_drafts", 3),
        "open work whose day has come": wakes("planning.pass_due", 300),
        "open work of seats that were handed over": wakes("planning.apply_hand_overs", 300),
        "names that begin": wakes("territories.apply_due_names", 300),
        "open work of merged territories": wakes("planning.follow_mergers", 300),
        "forecast snapshots and scores": wakes("forecasts.nightly_due", 60),
        "mails that are due": wakes("workspace.send_mail", 10),
        "webhooks that are due": wakes("workspace.send_webhooks", 5),
        "runs that failed": wakes("workspace.tell_of_failed_runs", 60),
        "forecast calls that are due": wakes("forecasts.remind", 300),
        "counts of accounts that are wrong": {
            "task": "accounts.compare_counts",
            "schedule": crontab(hour=3, minute=20),
            "options": {"expires": 3600},
        },
        "keys that nobody sends again": {
            "task": "common.forget_keys",
            "schedule": crontab(hour=3, minute=30),
            "options": {"expires": 3600},
        },
        "changes that nobody reads on from": {
            "task": "common.forget_changes",
            "schedule": crontab(hour=3, minute=35),
            "options": {"expires": 3600},
        },
        "webhooks' logs of last month": {
            "task": "workspace.forget_deliveries",
            "schedule": crontab(hour=3, minute=45),
            "options": {"expires": 3600},
        },
        "tables that were not brought in": {
            "task": "imports.forget_contents",
            "schedule": crontab(hour=3, minute=40),
            "options": {"expires": 3600},
        },
    },
)
app.autodiscover_tasks()
