"""The runs: whether the night came, what is in progress, and the sentence above every page when it did not."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import reverse

from common.models import Run
from common.queue import NOTED_FOR, note_away
from quotas.selectors.runs import PROGRESS
from quotas.services import start_nightly
from tests.cast import Cast
from tests.conftest import Acting, Browser

Night = Callable[..., Run]
Browse = Callable[[Any], Browser]
BANNER = re.compile('class="banner [a-z]+"')
LATE = "The last night&#x27;s run has not been published."


def ask(cast: Cast, acting: Acting) -> Run:
    """The night's run, asked for by the administrator."""
    with acting(cast.admin):
        return start_nightly(by=cast.admin.pk)


def page_of(client: Browser, query: str = "") -> str:
    answer = client.get(reverse("run_list") + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_runs_stand_newest_first_by_kind(cast: Cast, night: Night, browse: Browse) -> None:
    first, second = night(date(2026, 5, 18)), night(date(2026, 5, 19))
    client = browse(cast.executive)
    page = page_of(client)
    assert page.index(f"Run {second.pk}<") < page.index(f"Run {first.pk}<")
    assert second.output_hash[:12] in page
    assert "No run of this kind yet" in page_of(client, "?job=forecast")


def test_a_queue_that_does_not_answer_is_told_for_a_minute(cast: Cast, browse: Browse, clock: Any) -> None:
    client = browse(cast.admin)
    said = "The queue (Redis) does not answer. Nothing is lost"
    assert said not in page_of(client)
    note_away()
    assert said in page_of(client)
    clock.shift(timedelta(seconds=NOTED_FOR + 1))
    assert said not in page_of(client)


def test_a_failed_run_is_marked(cast: Cast, acting: Acting, browse: Browse) -> None:
    with acting(cast.admin):
        Run.objects.create(job="attainment", as_of=date(2026, 5, 19), state="failed", error="No")
    assert '<span class="badge bad">failed</span>' in page_of(browse(cast.admin))


def test_a_refresh_that_failed_is_said_until_a_run_ends_well(
    cast: Cast, acting: Acting, night: Night, browse: Browse, clock: Any
) -> None:
    night()
    now = datetime(2026, 5, 20, 10, 0, tzinfo=UTC)
    with acting(cast.admin):
        failed = Run.objects.create(
            job="refresh", as_of=date(2026, 5, 19), state="failed", error="No", finished_at=now
        )
    client = browse(cast.admin)
    page = page_of(client)
    assert "Counting new orders failed at May 20, 2026, 10:00" in page
    assert f'<a href="{reverse("run_detail", args=[failed.pk])}">See why</a>' in page
    clock.move_to(now + timedelta(minutes=1))
    night()
    assert "Counting new orders failed" not in page_of(client)


def test_only_an_administrator_can_start_one(cast: Cast, browse: Browse) -> None:
    assert "Run now" in page_of(browse(cast.admin))
    assert "Run now" not in page_of(browse(cast.executive))


class TestProgress:
    def test_who_waits_for_a_run_sees_that_it_has_not_begun(
        self, cast: Cast, acting: Acting, browse: Browse
    ) -> None:
        asked = ask(cast, acting)
        for query in (f"?run={asked.pk}", ""):
            page = page_of(browse(cast.admin), query)
            assert "Waiting to begin" in page
            assert f'hx-get="{reverse("run_progress")}?run={asked.pk}"' in page

    def test_then_how_far_it_is_also_where_the_clock_began_it(
        self, cast: Cast, browse: Browse, owner: Any
    ) -> None:
        told = {"day": "2026-05-19", "text": "Adding up order intake", "done": 1, "total": 4}
        cache.set(PROGRESS, told, timeout=60)
        owner.execute("BEGIN; LOCK TABLE common_rungate IN EXCLUSIVE MODE")
        page = browse(cast.admin).get(reverse("run_progress")).content.decode()
        listed = page_of(browse(cast.admin))
        owner.execute("ROLLBACK")
        cache.delete(PROGRESS)
        assert "Adding up order intake" in page
        assert "1 of 4" in page
        assert "Adding up order intake" in listed
        assert f'hx-get="{reverse("run_progress")}"' in listed
        assert browse(cast.admin).get(reverse("run_progress"))["HX-Refresh"] == "true"

    def test_and_that_it_ended(self, cast: Cast, acting: Acting, night: Night, browse: Browse) -> None:
        client, asked = browse(cast.admin), ask(cast, acting)
        assert night() == asked
        assert client.get(f"{reverse('run_progress')}?run={asked.pk}")["HX-Refresh"] == "true"
        page = page_of(client, f"?run={asked.pk}")
        assert f"Run {asked.pk} of May 19, 2026 is published." in page
        assert "every 2s" not in page

    def test_or_that_it_failed(self, cast: Cast, acting: Acting, browse: Browse) -> None:
        with acting(cast.admin):
            run = Run.objects.create(job="attainment", as_of=date(2026, 5, 19), state="failed", error="No")
        page = page_of(browse(cast.admin), f"?run={run.pk}")
        assert "failed; the last good figures stand" in page

    @pytest.mark.parametrize("query", ["", "?run=4711"])
    def test_nothing_where_nobody_waits(self, cast: Cast, browse: Browse, query: str) -> None:
        assert 'class="progress"' not in page_of(browse(cast.admin), query)


class TestBanner:
    def test_before_the_first_night_every_page_says_that_there_are_no_figures(
        self, cast: Cast, browse: Browse
    ) -> None:
        page = browse(cast.rep).get(reverse("home")).content.decode()
        assert '<div class="banner bad"' in page
        assert "No figures have been published yet." in page
        assert "Open the runs" not in page

    def test_an_administrator_also_gets_the_page_where_to_look(self, cast: Cast, browse: Browse) -> None:
        page = browse(cast.admin).get(reverse("home")).content.decode()
        assert f'<a href="{reverse("run_list")}">Open the runs</a>' in page

    def test_a_night_that_did_not_come_is_said_and_one_that_came_is_not(
        self, cast: Cast, night: Night, browse: Browse, clock: Any
    ) -> None:
        night(date(2026, 5, 19))
        pages = {}
        for day, hour, minute in ((20, 9, 0), (21, 9, 59), (21, 10, 0)):
            clock.move_to(datetime(2026, 5, day, hour, minute, tzinfo=UTC))
            pages[day, hour] = browse(cast.rep).get(reverse("order_list")).content.decode()
        assert not BANNER.search(pages[20, 9])
        assert not BANNER.search(pages[21, 9])
        assert LATE in pages[21, 10]
        assert '<div class="banner warn"' in pages[21, 10]

    def test_nobody_who_is_signed_out_reads_of_it(self, cast: Cast) -> None:
        assert not BANNER.search(Browser().get("/sign-in/login/").content.decode())


def test_a_filter_that_is_not_known_is_refused(cast: Cast, browse: Browse) -> None:
    for query in ("?job=x", "?run=x", "?since=1", "?day=1"):
        assert browse(cast.admin).get(reverse("run_list") + query).status_code == 400
