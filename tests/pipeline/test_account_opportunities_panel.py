"""The deals on the page of their account: open ones first, each reader theirs."""

from datetime import date

from django.urls import reverse

from accounts.services import create_account
from tests.pipeline.test_opportunity_list import many


def get(browse, person, account):
    return browse(person).get(reverse("account_opportunities_panel", args=[account.pk]))


def test_open_deals_come_first(cast, browse):
    lost = {
        "state": "lost",
        "stage": cast.stages["Lost"],
        "category": "omitted",
        "closed_on": date(2026, 5, 1),
    }
    many(cast, 1, name="Lost one", **lost, close_on=date(2026, 4, 1))
    answer = get(browse, cast.rep, cast.accounts["Acorn"])
    assert [deal.name for deal in answer.context["deals"]] == ["Acorn renewal", "Lost one"]
    assert "<html" not in answer.content.decode()
    assert f"?account={cast.accounts['Acorn'].pk}" in answer.content.decode()


def test_who_opens_no_deals_is_not_told_to(cast, browse, acting):
    with acting(cast.rep):
        dogwood = create_account(by=cast.rep.pk, name="Dogwood")
    page = get(browse, cast.rep, dogwood).content.decode()
    assert "New opportunity" in page
    page = get(browse, cast.coordinator, dogwood).content.decode()
    assert "No opportunity in your reach" in page
    assert "New opportunity" not in page


def test_an_account_out_of_reach_has_no_deals_here(cast, browse):
    answer = get(browse, cast.rep, cast.accounts["Cedar"])
    assert answer.context["deals"] == []
    assert "Cedar" not in answer.content.decode()
