"""The worker and its clock. Rows say what is due; a tick only wakes whoever looks."""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salesops.settings")
os.environ.setdefault("DATABASE_ROLE", "worker")

app = Celery("salesops")
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
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
    enable_utc=True,
    beat_schedule={
        "what is due of the night, and what is asked for": {
            "task": "quotas.nightly_due",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "attainment behind the ledger": {
            "task": "quotas.refresh_dirty",
            "schedule": 2.0,
            "options": {"expires": 2},
        },
        "deals of moved accounts": {
            "task": "pipeline.follow_accounts",
            "schedule": 10.0,
            "options": {"expires": 10},
        },
        "days that begin": {
            "task": "accounts.apply_due_assignments",
            "schedule": 300.0,
            "options": {"expires": 290},
        },
        "forecast snapshots and scores": {
            "task": "forecasts.nightly_due",
            "schedule": 60.0,
            "options": {"expires": 55},
        },
        "keys that nobody sends again": {
            "task": "common.forget_keys",
            "schedule": crontab(hour=3, minute=30),
            "options": {"expires": 3600},
        },
    },
)
app.autodiscover_tasks()
