"""Exchange rates by date, each to its last decimal."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast
from tests.common.test_rate_create import typed

LIST, CREATE = reverse("rate_list"), reverse("rate_create")


def test_the_list_shows_kind_and_days(cast: Cast, browse: Any) -> None:
    text = browse(cast.admin).get(LIST).content.decode()
    assert CREATE in text
    assert '<td class="num">1.1</td>' in text
    assert "plan rate" in text
    assert '<td class="num">1.2</td>' in text
    assert "Jan 1, 2025" in text


def test_a_rate_is_shown_to_its_last_decimal(cast: Cast, browse: Any) -> None:
    client = browse(cast.admin)
    assert client.post(CREATE, typed(value="0.0123456789")).status_code == 302
    assert '<td class="num">0.0123456789</td>' in client.get(LIST).content.decode()
