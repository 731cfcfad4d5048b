"""Search by name: what is in reach, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.services import create_account
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.salesops.conftest import plain

Browse = Callable[[Any], Browser]
URL = reverse("search")


def hits(client: Browser, text: str) -> list[tuple[str, str, str]]:
    return [(hit.kind, hit.name, hit.detail) for hit in client.get(URL, {"q": text}).context["hits"]]


def test_accounts_deals_and_territories_by_a_part_of_their_name(cast: Cast, browse: Browse) -> None:
    client = browse(cast.rep)
    assert hits(client, "cor") == [("Account", "Acorn", ""), ("Opportunity", "Acorn renewal", "O-1")]
    assert hits(client, " east 1 ") == [("Territory", "East 1", "EAST-1")]
    page = client.get(URL, {"q": "acorn"}).content.decode()
    assert reverse("account_detail", args=[cast.accounts["Acorn"].pk]) in page
    assert reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk]) in page


def test_what_is_out_of_reach_is_not_found(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.rep).get(URL, {"q": "Cedar"})
    assert answer.context["hits"] == []
    assert "Nothing found" in plain(answer)


def test_only_administrators_find_people(cast: Cast, browse: Browse) -> None:
    assert hits(browse(cast.admin), "rita") == [("Person", "Rita Rep", "rep@example.com")]
    assert hits(browse(cast.director), "rita") == []


@pytest.mark.parametrize("text", ["", "a", " a "])
def test_one_letter_is_not_searched_for(cast: Cast, browse: Browse, text: str) -> None:
    assert hits(browse(cast.rep), text) == []


def test_six_of_a_kind_are_enough(cast: Cast, browse: Browse, acting: Acting) -> None:
    with acting(cast.admin):
        for number in range(8):
            create_account(by=cast.admin.pk, name=f"Oak {number}")
    assert [name for _kind, name, _detail in hits(browse(cast.admin), "oak")] == [
        f"Oak {number}" for number in range(6)
    ]


def test_what_was_typed_is_shown_as_text(cast: Cast, browse: Browse) -> None:
    page = browse(cast.rep).get(URL, {"q": "<b>%_"}).content.decode()
    assert 'value="&lt;b&gt;%_"' in page
    assert "Nothing found" in page


def test_an_unknown_filter_is_refused(cast: Cast, browse: Browse) -> None:
    assert browse(cast.rep).get(URL, {"text": "Acorn"}).status_code == 400
