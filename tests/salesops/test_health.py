"""Health: the web server lives, the night came; strangers learn no more."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from django.urls import reverse

from common.models import Run
from tests.cast import Cast

LIVE, READY = reverse("health_live"), reverse("health_ready")


def test_the_web_server_lives(cast: Cast) -> None:
    answer = Client().get(LIVE)
    assert (answer.status_code, answer.json()) == (200, {"state": "live"})


def test_it_is_late_until_the_night_came(cast: Cast, night: Callable[..., Run], clock: Any) -> None:
    def ready() -> tuple[int, dict[str, str]]:
        answer = Client().get(READY)
        return answer.status_code, answer.json()

    assert ready() == (503, {"state": "late"})
    night()
    assert ready() == (200, {"state": "ready"})
    clock.move_to(datetime(2026, 5, 21, 9, 59, tzinfo=UTC))  # a minute before six in New York
    assert ready() == (200, {"state": "ready"})
    clock.move_to(datetime(2026, 5, 21, 10, 0, tzinfo=UTC))
    assert ready() == (503, {"state": "late"})
