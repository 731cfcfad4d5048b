"""Search over everything: identified first, then begun so, then holding it; in reach, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services import create_account, create_contact
from common.selectors import organisation
from common.transaction import reach
from orders.models import Order
from salesops.selectors.kinds import KINDS
from salesops.selectors.search import search
from tests.cast import Cast
from tests.conftest import Acting, Browser
from tests.pipeline.test_opportunity_list import many
from tests.salesops.conftest import plain

Browse = Callable[[Any], Browser]
URL, FOUND = reverse("search"), reverse("search_found")


def hits(client: Browser, text: str, url: str = FOUND) -> list[tuple[str, str, str]]:
    groups = client.get(url, {"q": text}).context["groups"]
    return [(str(group.label), hit.name, hit.detail) for group in groups for hit in whole(group.hits)]


def whole(found: Any) -> Any:
    for hit in found:
        object.__setattr__(hit, "name", hit.before + hit.match + hit.after)
        yield hit


def test_accounts_deals_and_territories_by_a_part_of_their_name(cast: Cast, browse: Browse) -> None:
    client = browse(cast.rep)
    assert hits(client, "cor") == [("Accounts", "Acorn", ""), ("Opportunities", "Acorn renewal", "O-1")]
    assert hits(client, " east 1 ") == [("Territories", "East 1", "EAST-1")]
    page = client.get(URL, {"q": "acorn"}).content.decode()
    assert reverse("account_detail", args=[cast.accounts["Acorn"].pk]) in page
    assert reverse("opportunity_detail", args=[cast.deals["Acorn renewal"].pk]) in page
    assert "<mark>Acorn</mark> renewal" in page


def test_numbers_come_first_and_beginnings_before_what_holds_it(
    cast: Cast, browse: Browse, acting: Acting
) -> None:
    with acting(cast.admin):
        create_account(by=cast.admin.pk, name="A firm called O-1", anyway_reason="another")
        create_account(by=cast.admin.pk, name="O-1 and sons", anyway_reason="another")
    assert hits(browse(cast.admin), "o-1") == [
        ("Accounts", "O-1 and sons", ""),
        ("Accounts", "A firm called O-1", ""),
        ("Opportunities", "Acorn renewal", "O-1"),
    ]


def test_contacts_lead_to_their_account_by_name_and_address(
    cast: Cast, browse: Browse, acting: Acting
) -> None:
    acorn = cast.accounts["Acorn"]
    with acting(cast.rep):
        create_contact(by=cast.rep.pk, account_id=acorn.pk, name="Ann Archer", email="Ann@Acorn.example")
    for text in ("ann", "ANN@acorn.example", "arch"):
        assert hits(browse(cast.rep), text) == [("Contacts", "Ann Archer", "Acorn")]
    assert hits(browse(cast.other_rep), "ann") == []
    page = browse(cast.rep).get(FOUND, {"q": "ann"}).content.decode()
    assert f'href="{reverse("account_detail", args=[acorn.pk])}"' in page


def test_orders_by_their_number_and_the_customers(cast: Cast, browse: Browse, acting: Acting) -> None:
    with acting(cast.admin):
        Order.objects.create(
            number="SO-2026-00007", purchase_order="PO 4711", account=cast.accounts["Acorn"], owner=cast.rep,
            territory=cast.territories["East 1"], motion="new", is_new_business=True, currency="USD",
            booked_on="2026-05-20",
        )  # fmt: skip
    for text in ("so-2026-00007", "PO 4711"):
        assert hits(browse(cast.rep), text) == [("Orders", "SO-2026-00007", "Acorn")]
    assert hits(browse(cast.other_rep), "PO 4711") == []
    assert hits(browse(cast.rep), "PO 471") == []


def test_what_is_out_of_reach_is_not_found(cast: Cast, browse: Browse) -> None:
    answer = browse(cast.rep).get(URL, {"q": "Cedar"})
    assert answer.context["groups"] == []
    assert "Nothing found" in plain(answer)


def test_people_are_found_by_who_may_open_their_page(cast: Cast, browse: Browse) -> None:
    rita = [("People", "Rita Rep", "rep@example.com")]
    assert hits(browse(cast.admin), "rita") == rita
    assert hits(browse(cast.director), "rita") == rita
    assert hits(browse(cast.other_director), "rita") == []
    assert hits(browse(cast.peer), "rita") == []


def test_pages_and_settings_are_those_of_ones_role(cast: Cast, browse: Browse) -> None:
    assert ("Pages and settings", "Quotas", "") in hits(browse(cast.director), "quot")
    assert hits(browse(cast.rep), "stalled") == []
    (found,) = hits(browse(cast.admin), "stalled")
    assert found[0] == "Pages and settings"


@pytest.mark.parametrize("text", ["", "a", " a "])
def test_one_letter_is_not_searched_for(cast: Cast, browse: Browse, text: str) -> None:
    assert hits(browse(cast.rep), text) == []
    assert hits(browse(cast.rep), text, URL) == []


def test_five_of_a_kind_as_one_types_and_more_on_the_page(cast: Cast, browse: Browse, acting: Acting) -> None:
    with acting(cast.admin):
        for number in range(8):
            create_account(by=cast.admin.pk, name=f"Oak {number}")
    client = browse(cast.admin)
    assert [name for _kind, name, _detail in hits(client, "oak")] == [f"Oak {n}" for n in range(5)]
    assert len(hits(client, "oak", URL)) == 8
    assert f'href="{URL}?q=oak"' in client.get(FOUND, {"q": "oak"}).content.decode()


def test_a_search_takes_one_statement_for_each_kind(cast: Cast, acting: Acting) -> None:
    with acting(cast.admin):
        organisation()
        with CaptureQueriesContext(connection) as statements:
            search(reach(), "acorn")
    assert len(statements) == len(KINDS) == 8


def test_what_was_typed_is_shown_as_text(cast: Cast, browse: Browse) -> None:
    page = browse(cast.rep).get(URL, {"q": "<b>%_"}).content.decode()
    assert 'value="&lt;b&gt;%_"' in page
    assert "Nothing found" in page


def test_an_unknown_filter_is_refused(cast: Cast, browse: Browse) -> None:
    for url in (URL, FOUND):
        assert browse(cast.rep).get(url, {"text": "Acorn"}).status_code == 400


def test_a_whole_number_or_address_is_not_looked_for_inside_names(
    cast: Cast, browse: Browse, acting: Acting
) -> None:
    many(cast, 1, name="Follows O-1")
    many(cast, 1, name="Plan 1 of 2")
    client = browse(cast.rep)
    assert [name for _kind, name, _told in hits(client, "O-1")] == ["Acorn renewal"]
    assert [name for _kind, name, _told in hits(client, "O-9")] == []
    assert [name for _kind, name, _told in hits(client, "ollows")] == ["Follows O-1"]
