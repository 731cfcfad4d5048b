"""Asking for a run now."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from common.models import Run
from tests.cast import Cast
from tests.conftest import Browser

Night = Callable[..., Run]
Browse = Callable[[Any], Browser]


def test_an_administrator_asks_and_is_shown_the_progress(cast: Cast, night: Night, browse: Browse) -> None:
    run, client = night(), browse(cast.admin)
    answer = client.post(reverse("run_start"), {})
    assert answer["Location"] == f"{reverse('run_list')}?run={run.pk + 1}"
    page = client.get(answer["Location"]).content.decode()
    assert "Waiting to begin" in page
    assert '<span class="badge accent">waiting</span>' in page
    night()
    assert (
        f"Run {run.pk + 1} of May 19, 2026 is published." in client.get(answer["Location"]).content.decode()
    )


def test_while_one_waits_they_are_told_so(cast: Cast, browse: Browse) -> None:
    client = browse(cast.admin)
    client.post(reverse("run_start"), {})
    answer = client.post(reverse("run_start"), {})
    assert answer["Location"] == reverse("run_list")
    page = client.get(answer["Location"]).content.decode()
    assert "A run is waiting to begin already." in page
    assert "Waiting to begin" in page


def test_nobody_else_starts_one(cast: Cast, browse: Browse) -> None:
    for person in (cast.rep, cast.director, cast.executive):
        assert browse(person).post(reverse("run_start"), {}).status_code == 403


def test_reading_the_address_starts_nothing(cast: Cast, browse: Browse) -> None:
    assert browse(cast.admin).get(reverse("run_start")).status_code == 405
