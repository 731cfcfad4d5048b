"""The last step: the night is asked for, watched, and says how it ended."""

from typing import Any

from django.urls import reverse

from common.models import Run
from tests.cast import Cast
from tests.salesops.conftest import plain

URL = reverse("setup_night")


def test_it_is_asked_for_and_watched(cast: Cast, browse: Any, acting: Any, night: Any) -> None:
    client = browse(cast.admin)
    assert "Run the first night now" in plain(client.get(URL))
    answer = client.post(URL)
    with acting(cast.admin):
        run = Run.objects.get()
    assert (run.state, run.as_of.isoformat(), run.asked_by_id) == ("asked", "2026-05-19", cast.admin.pk)
    assert answer["Location"] == f"{URL}?run={run.pk}"
    waiting = client.get(answer["Location"])
    assert "Waiting to begin" in plain(waiting)
    assert f"{reverse('run_progress')}?run={run.pk}" in waiting.content.decode()
    night()
    text = plain(client.get(answer["Location"]))
    assert "The figures of May 19, 2026 are published" in text
    assert reverse("team_attainment") in client.get(URL).content.decode()


def test_asked_twice_it_runs_once(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.admin)
    client.post(URL)
    second = client.post(URL)
    assert second["Location"] == URL
    text = plain(client.get(URL))
    assert "A run is waiting to begin already." in text
    assert "Waiting to begin" in text
    with acting(cast.admin):
        assert Run.objects.count() == 1


def test_a_failed_run_says_why(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        Run.objects.create(
            job="attainment", as_of="2026-05-19", state="failed", error="The ledger is broken."
        )
    text = plain(browse(cast.admin).get(URL))
    assert "The run failed; nothing was published" in text
    assert "The ledger is broken." in text
    assert "Run it again" in text
