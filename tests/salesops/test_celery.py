"""The clock: what it wakes is there, and the queue is the one of the settings."""

from typing import Any

from django.conf import settings

from common.access import Reach
from common.models import Run
from common.transaction import work
from salesops.celery import app


def test_every_tick_wakes_a_task_that_there_is() -> None:
    app.loader.import_default_modules()
    woken = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert woken <= set(app.tasks)
    assert "common.forget_keys" in woken


def test_the_queue_is_the_one_of_the_settings() -> None:
    assert app.conf.broker_url == settings.REDIS_URL


def test_no_task_is_acknowledged_before_its_work_is_done() -> None:
    """Faults F-03 and F-04: what a killed worker had begun goes back, and none outlives the time that it is given."""
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert len(ours) > 20
    assert [task.name for task in ours if not task.acks_late] == []
    assert [task.name for task in ours if not task.reject_on_worker_lost] == []
    assert [task.name for task in ours if not task.ignore_result] == []
    longest = max(task.time_limit or app.conf.task_time_limit for task in ours)
    assert longest < app.conf.broker_transport_options["visibility_timeout"]


def test_before_there_is_a_company_every_tick_leaves_things_alone(empty_worker: Any) -> None:
    for entry in app.conf.beat_schedule.values():
        empty_worker(app.tasks[entry["task"]])
    with work(by=None, why="a look", reach=Reach.everything()):
        assert not Run.objects.exists()
