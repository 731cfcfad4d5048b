"""The clock: what it wakes is there, and the queue is the one of the settings."""

from django.conf import settings

from salesops.celery import app


def test_every_tick_wakes_a_task_that_there_is() -> None:
    app.loader.import_default_modules()
    woken = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert woken <= set(app.tasks)
    assert "common.forget_keys" in woken


def test_the_queue_is_the_one_of_the_settings() -> None:
    assert app.conf.broker_url == settings.REDIS_URL
