"""Asking for a run now."""

from collections.abc import Callable
from typing import Any

from celery import current_app
from django.core.cache import cache
from django.urls import reverse

from common.models import Run
from quotas.selectors.runs import PROGRESS
from tests.cast import Cast
from tests.conftest import Browser

Night = Callable[..., Run]
Browse = Callable[[Any], Browser]


def test_an_administrator_asks_and_is_shown_the_progress(
    cast: Cast, night: Night, browse: Browse, monkeypatch: Any
) -> None:
    run, asked = night(), []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, **options: asked.append((name, options["kwargs"]))
    )
    answer = browse(cast.admin).post(reverse("run_start"), {})
    assert answer["Location"] == f"{reverse('run_list')}?since={run.pk}"
    assert asked == [("quotas.nightly_now", {"as_of": "2026-05-19", "asked_by_id": cast.admin.pk})]


def test_while_one_is_in_progress_they_are_told_so(cast: Cast, browse: Browse, owner: Any) -> None:
    cache.delete(PROGRESS)
    owner.execute("BEGIN; LOCK TABLE common_rungate IN EXCLUSIVE MODE")
    client = browse(cast.admin)
    answer = client.post(reverse("run_start"), {})
    page = client.get(answer["Location"]).content.decode()
    owner.execute("ROLLBACK")
    assert answer["Location"] == reverse("run_list")
    assert "A run is in progress already." in page


def test_nobody_else_starts_one(cast: Cast, browse: Browse) -> None:
    for person in (cast.rep, cast.director, cast.executive):
        assert browse(person).post(reverse("run_start"), {}).status_code == 403


def test_reading_the_address_starts_nothing(cast: Cast, browse: Browse) -> None:
    assert browse(cast.admin).get(reverse("run_start")).status_code == 405
