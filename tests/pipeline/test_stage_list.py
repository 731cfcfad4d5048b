"""The stages, as administrators read them."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast
from tests.salesops.conftest import plain


def test_stages_stand_in_their_order_with_the_deals_in_them(cast: Cast, browse: Any) -> None:
    page = plain(browse(cast.admin).get(reverse("stage_list")))
    places = [
        page.index(f" {name} ") for name in ("Prospecting", "Qualified", "Proposal", "Negotiation", "Won")
    ]
    assert places == sorted(places)
    assert "Won won 100 % Closed 0" in page
    assert browse(cast.rep).get(reverse("stage_list")).status_code == 403
