"""The values that forms offer: kept by administrators, and what was chosen stays as it was written."""

from typing import Any

import pytest
from django.urls import reverse

from common.errors import Forbidden, NotInReach, Refused, Stale
from pipeline.models import Opportunity
from pipeline.services import move_stage
from tests.cast import PEOPLE, Cast
from tests.salesops.conftest import plain
from workspace.models import ListValue
from workspace.selectors.lists import offered
from workspace.services import add_value, move_value, offer_value, rename_value

REASONS, INDUSTRIES = (reverse("list_value_list", args=[name]) for name in ("lost_reason", "industry"))
USUAL = ["Price", "Product fit", "Timing", "Competitor", "No decision", "No budget"]


def now(cast: Cast, acting: Any, name: str = "lost_reason") -> list[str]:
    with acting(cast.rep):
        return offered(name)


def row_of(cast: Cast, acting: Any, value: str) -> ListValue:
    with acting(cast.admin):
        row: ListValue = ListValue.objects.get(value=value)
        return row


def post(client: Any, name: str, row: ListValue, **typed: str) -> Any:
    url = reverse(f"list_value_{name}", args=[row.pk])
    return client.post(url, {"version": str(row.version), **typed}, follow=True)


def test_a_new_company_offers_the_usual_reasons(cast: Cast, acting: Any) -> None:
    assert now(cast, acting) == USUAL
    assert now(cast, acting, "industry") == []


def test_a_value_is_added_renamed_and_moved(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    create = reverse("list_value_create", args=["lost_reason"])
    assert "Legal is offered now." in plain(client.post(create, {"value": " Legal "}, follow=True))
    post(client, "move", row_of(cast, acting, "Legal"), is_up="1")
    assert now(cast, acting)[-2:] == ["Legal", "No budget"]
    post(client, "move", row_of(cast, acting, "Price"))
    assert now(cast, acting)[:2] == ["Product fit", "Price"]
    assert "Saved." in plain(post(client, "edit", row_of(cast, acting, "Timing"), value="Bad timing"))
    assert now(cast, acting)[2] == "Bad timing"
    page = plain(client.get(reverse("list_value_edit", args=[row_of(cast, acting, "Bad timing").pk])))
    assert "Value: Timing → Bad timing" in page


def test_at_the_end_a_value_stays(cast: Cast, acting: Any) -> None:
    row = row_of(cast, acting, "Price")
    with acting(cast.admin):
        move_value(by=cast.admin.pk, value_id=row.pk, version=row.version, is_up=True)
    assert now(cast, acting) == USUAL


def test_what_is_no_longer_offered_stays_where_it_was_chosen(cast: Cast, acting: Any, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        lost = cast.stages["Lost"].pk
        move_stage(
            by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, stage_id=lost, lost_reason="Price"
        )
    client, row = browse(cast.admin), row_of(cast, acting, "Price")
    assert "no longer offered" in plain(post(client, "offer", row))
    assert now(cast, acting) == USUAL[1:]
    post(client, "edit", row_of(cast, acting, "Price"), value="Too dear")
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=deal.pk).lost_reason == "Price"
    post(client, "offer", row_of(cast, acting, "Too dear"), is_offered="1")
    assert now(cast, acting)[0] == "Too dear"


def test_a_deal_is_lost_for_one_of_the_reasons_or_for_any_where_none_is_offered(
    cast: Cast, acting: Any, browse: Any
) -> None:
    client, deal = browse(cast.rep), cast.deals["Acorn renewal"]
    url = reverse("opportunity_move", args=[deal.pk])
    typed = {"stage": cast.stages["Lost"].pk, "version": deal.version, "lost_reason": "Bad weather"}
    assert '<option value="No budget">No budget</option>' in client.get(url).content.decode()
    answer = client.post(url, typed)
    assert (answer.status_code, "Bad weather is not one of the available choices." in plain(answer)) == (
        422,
        True,
    )
    with acting(cast.admin):
        ListValue.objects.update(is_offered=False)
    assert client.post(url, typed).status_code == 302
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=deal.pk).lost_reason == "Bad weather"


def test_accounts_propose_the_industries_on_offer_or_else_those_of_accounts(
    cast: Cast, acting: Any, browse: Any
) -> None:
    client, url = browse(cast.rep), reverse("account_edit", args=[cast.accounts["Acorn"].pk])
    assert '<option value="Retail"></option>' in client.get(url).content.decode()
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="industry", value="Energy")
    page = client.get(url).content.decode()
    assert ('<option value="Energy"></option>' in page, '<option value="Retail"></option>' in page) == (
        True,
        False,
    )


@pytest.mark.parametrize("value", ["", "   ", "price", "PRICE "])
def test_a_value_is_there_once_and_says_something(cast: Cast, acting: Any, value: str) -> None:
    with pytest.raises(Refused) as refused, acting(cast.admin):
        add_value(by=cast.admin.pk, name="lost_reason", value=value)
    assert refused.value.path == "value"
    row = row_of(cast, acting, "Timing")
    with pytest.raises(Refused), acting(cast.admin):
        rename_value(by=cast.admin.pk, value_id=row.pk, version=row.version, value=value)


def test_of_two_who_change_a_value_the_second_is_told(cast: Cast, acting: Any, browse: Any) -> None:
    row, client = row_of(cast, acting, "Timing"), browse(cast.admin)
    post(client, "edit", row, value="Bad timing")
    stale = post(client, "edit", row, value="Late")
    assert (stale.status_code, "Bad timing" in plain(stale)) == (412, True)
    told = "Somebody else changed this after you opened it. Compare and save again."
    assert told in plain(post(client, "move", row, is_up="1"))
    assert told in plain(post(client, "offer", row))
    with pytest.raises(Stale), acting(cast.admin):
        move_value(by=cast.admin.pk, value_id=row.pk, version=row.version, is_up=True)


@pytest.mark.parametrize("key", sorted(set(PEOPLE) - {"admin"}))
def test_only_administrators_keep_lists(cast: Cast, acting: Any, browse: Any, key: str) -> None:
    person, row = getattr(cast, key), row_of(cast, acting, "Timing")
    client = browse(person)
    assert [client.get(url).status_code for url in (REASONS, INDUSTRIES)] == [403, 403]
    assert post(client, "move", row).status_code == 403
    with pytest.raises(Forbidden), acting(person):
        add_value(by=person.pk, name="industry", value="Energy")
    with pytest.raises(Forbidden), acting(person):
        offer_value(by=person.pk, value_id=row.pk, version=row.version, is_offered=False)


def test_a_list_or_value_that_there_is_not(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    assert client.get(reverse("list_value_list", args=["competitors"])).status_code == 404
    assert client.get(reverse("list_value_edit", args=[0])).status_code == 404
    with pytest.raises(NotInReach), acting(cast.admin):
        add_value(by=cast.admin.pk, name="competitors", value="Them")


def test_an_empty_list_says_what_forms_do_then(cast: Cast, browse: Any) -> None:
    assert "Until there is a value, people write what they like" in plain(browse(cast.admin).get(INDUSTRIES))
