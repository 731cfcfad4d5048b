"""A day that no fiscal year covers: the pages that need one say so and who can help."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.conftest import Browser
from tests.salesops.conftest import HOME, NEW_YEAR, plain

Browse = Callable[[Any], Browser]


@pytest.fixture(autouse=True)
def new_year(clock: Any) -> None:
    clock.move_to(NEW_YEAR)


@pytest.mark.parametrize("key", ["rep", "manager", "director", "executive"])
def test_homes_say_that_there_is_no_year(cast: Cast, browse: Browse, key: str) -> None:
    answer = browse(getattr(cast, key)).get(HOME)
    assert answer.status_code == 200
    assert "No fiscal year covers today" in plain(answer)
    assert "An administrator adds it to the calendar" in plain(answer)
    assert reverse("calendar") in answer.content.decode()


def test_the_coordinators_home_needs_none(cast: Cast, browse: Browse) -> None:
    assert "No order waits for paperwork." in plain(browse(cast.coordinator).get(HOME))


@pytest.mark.parametrize("page", ["team_attainment", "my_attainment", "submission_list"])
def test_pages_of_the_running_quarter_say_so_too(cast: Cast, browse: Browse, page: str) -> None:
    answer = browse(cast.director).get(reverse(page))
    assert answer.status_code == 409
    assert "No fiscal year covers today. An administrator adds one under Settings." in plain(answer)


def test_an_earlier_quarter_can_still_be_read(cast: Cast, browse: Browse) -> None:
    client = browse(cast.director)
    for page in ("team_attainment", "my_attainment"):
        assert client.get(reverse(page), {"period": "2035-Q4"}).status_code == 200
