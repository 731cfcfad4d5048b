"""Which accounts the conditions of a module match while they are written."""

from typing import Any

import pytest
from django.urls import reverse

from tests.accounts.bundled import lines
from tests.cast import Cast

URL = reverse("module_try")


def test_each_reader_counts_what_they_see_and_nothing_is_said_of_others(cast: Cast, browse: Any) -> None:
    for person, count in ((cast.admin, "3 accounts match now"), (cast.director, "2 accounts match now")):
        assert count in " ".join(browse(person).post(URL, lines("country", "us")).content.decode().split())
    text = browse(cast.director).post(URL, lines("country", "Atlantis")).content.decode()
    assert "It would decide about no account." in text
    assert "Atlantis" not in text
    assert "Which accounts match" in browse(cast.director).post(URL, lines("country")).content.decode()
    assert browse(cast.rep).post(URL, lines("country", "us")).status_code == 403


@pytest.mark.parametrize("name", ["lines-0-kind", "lines-0-joins", "lines-0-text"])
def test_a_character_that_is_no_text_is_answered(cast: Cast, browse: Any, name: str) -> None:
    form = {**lines("country", "us"), name: "a\0b"}
    assert browse(cast.admin).post(URL, form).status_code in (200, 422)
