"""Installations without a company, what the tests of home pages share, and how a page reads."""

import re
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from quotas.services import set_quota
from tests.cast import Cast
from tests.conftest import Acting
from tests.prepared import empty, empty_as_owner, empty_worker, own_prepared, prepared
from tests.quotas.conftest import Sell, night, sell

__all__ = ["empty", "empty_as_owner", "empty_worker", "night", "own_prepared", "prepared", "sell"]

NEW_YEAR = datetime(2036, 1, 1, 12, tzinfo=UTC)
"""A day after the last fiscal year of the cast."""


def plain(answer: Any) -> str:
    """The words of a page."""
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", unescape(text))


def step(answer: Any) -> tuple[str, str]:
    """The one next step of a home page, and where it leads."""
    found = answer.context["step"]
    assert f"{found.text} {found.label}" in plain(answer)
    return found.text, found.url


@pytest.fixture
def booked(cast: Cast, sell: Sell, acting: Acting) -> None:
    """Rita: 500 of 1,000 in the first quarter, 550 of 900 in the second. Paul: 600 of 500 in the second."""
    asked = [(cast.rep, cast.q1, 1_000_00), (cast.rep, cast.q2, 900_00), (cast.peer, cast.q2, 500_00)]
    with acting(cast.admin):
        for person, quarter, amount in asked:
            set_quota(by=cast.admin.pk, period_id=quarter.pk, person_id=person.pk, amount_minor=amount)
    sell("Acorn", 500_00, date(2026, 2, 2))
    sell("Acorn", 300_00, date(2026, 4, 14))
    sell("Acorn", 250_00, date(2026, 5, 12))
    sell("Beech", 600_00, date(2026, 5, 13))


HOME = reverse("home")
