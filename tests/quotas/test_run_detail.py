"""One run: what went in, what came out, and what differs from the one before."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

from django.urls import reverse

from common.models import Run
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.quotas.conftest import Sell

Night = Callable[..., Run]
Refresh = Callable[[], Run | None]
Browse = Callable[[Any], Browser]


def text_of(client: Browser, run: Run, query: str = "") -> str:
    answer = client.get(reverse("run_detail", args=[run.pk]) + query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def test_the_first_run_has_nothing_before_it(cast: Cast, night: Night, browse: Browse) -> None:
    run = night()
    text = text_of(browse(cast.executive), run)
    assert "State published" in text
    assert "Day May 19, 2026" in text
    assert "Asked for by the clock" in text
    assert "There is no earlier run to compare with." in text
    assert run.input_hash in text
    assert run.output_hash in text


def test_the_same_figures_and_other_figures_are_told_apart(
    cast: Cast, night: Night, sell: Sell, browse: Browse
) -> None:
    first, same = night(), night()
    sell("Acorn", 10_00, date(2026, 5, 12))
    other, client = night(), browse(cast.admin)
    assert re.search(rf"Run {first.pk} of May 19, 2026\s*: 0 ledger entries more,", text_of(client, same))
    assert "the same figures." in text_of(client, same)
    text = text_of(client, other)
    assert "1 ledger entry more, other input, other figures." in text


def test_figures_that_were_refreshed_during_the_day_say_so(
    cast: Cast, night: Night, refresh: Refresh, sell: Sell, browse: Browse
) -> None:
    night()
    sell("Acorn", 10_00, date(2026, 5, 12), {"rep": 60_000_000, "peer": 40_000_000})
    refresh()
    text = text_of(browse(cast.admin), night())
    assert "Changed rows 0 what differs from the run before was refreshed during the day" in text
    assert "2 ledger entries, events: 1. An event has an entry for each person and line of its split." in text
    assert "refreshed during the day" not in text_of(browse(cast.admin), night())


def test_a_failed_run_says_why_and_who_asked_for_it(cast: Cast, acting: Acting, browse: Browse) -> None:
    with acting(cast.admin):
        run = Run.objects.create(
            job="attainment",
            as_of=date(2026, 5, 19),
            state="failed",
            error="Refused: the ledger does not verify",
            asked_by_id=cast.admin.pk,
        )
    text = text_of(browse(cast.admin), run)
    assert "The run failed; the last good figures stand" in text
    assert "Refused: the ledger does not verify" in text
    assert "Asked for by Ada Admin" in text
    assert "Seconds —" in text


def test_a_run_that_never_was_is_not_there(cast: Cast, browse: Browse) -> None:
    assert browse(cast.admin).get(reverse("run_detail", args=[999_999])).status_code == 404
