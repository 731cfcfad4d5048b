"""Quick entry of a deal: four fields, in the reader's own style, once; the account picked, typed or made in place."""

import json

import pytest
from django.urls import reverse

from pipeline.models import Opportunity
from tests.pipeline.test_opportunity_list import write_german

ADDRESS = "/opportunities/new/"


def typed(cast, **changes):
    values = {
        "account": cast.accounts["Acorn"].pk,
        "account_name": "Acorn",
        "name": "New servers",
        "amount_minor": "1,234.56",
        "currency": "USD",
        "close_on": "2026-06-30",
        "stage_id": cast.stages["Prospecting"].pk,
    }
    return {**values, **changes}


def made(cast, acting):
    with acting(cast.admin):
        return list(Opportunity.objects.select_related("account").filter(name="New servers"))


def test_four_fields_and_enter(cast, browse, acting):
    answer = browse(cast.rep).post(ADDRESS, typed(cast))
    (deal,) = made(cast, acting)
    assert answer["Location"] == reverse("opportunity_detail", args=[deal.pk])
    assert (deal.amount_minor, deal.currency, deal.account.name) == (123_456, "USD", "Acorn")


def test_the_form_starts_with_currency_and_first_stage(cast, browse):
    page = browse(cast.rep).get(ADDRESS).content.decode()
    assert "<html" in page
    assert '<option value="USD" selected>' in page
    assert "Won" not in page


def test_in_a_dialog_it_is_only_its_form(cast, browse):
    page = browse(cast.rep).get(ADDRESS, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert 'id="dialog-title"' in page


def test_from_an_account_it_starts_with_it(cast, browse):
    page = browse(cast.rep).get(ADDRESS, {"account": cast.accounts["Acorn"].pk}).content.decode()
    assert f'value="{cast.accounts["Acorn"].pk}"' in page
    assert browse(cast.rep).get(ADDRESS, {"account": cast.accounts["Cedar"].pk}).status_code == 404


def test_amounts_and_days_are_read_in_the_readers_own_way_and_no_other(cast, browse, acting, owner):
    write_german(owner, cast.rep)
    client = browse(cast.rep)
    refused = client.post(ADDRESS, typed(cast))
    assert refused.status_code == 422
    assert "1.234,57" in refused.content.decode() or "1.234,5" in refused.content.decode()
    client.post(ADDRESS, typed(cast, amount_minor="1.234,56", close_on="30.06.2026"))
    (deal,) = made(cast, acting)
    assert (deal.amount_minor, deal.close_on.isoformat()) == (123_456, "2026-06-30")


@pytest.mark.parametrize(
    "amount", ["", "-1", "1.234,56", "1e5", "12,34.00", "1.005", "1" * 13, "٣", "NaN", "1\x000"]
)
def test_what_is_no_amount_is_refused_and_kept(cast, browse, acting, amount):
    answer = browse(cast.rep).post(ADDRESS, typed(cast, amount_minor=amount))
    assert answer.status_code == 422
    assert 'value="New servers"' in answer.content.decode()
    assert made(cast, acting) == []


@pytest.mark.parametrize("day", ["", "31.02.2026", "2026-02-31", "0026-06-30", "tomorrow", "2026-6-30"])
def test_what_is_no_day_is_refused(cast, browse, acting, day):
    assert browse(cast.rep).post(ADDRESS, typed(cast, close_on=day)).status_code == 422
    assert made(cast, acting) == []


def test_the_same_form_sent_twice_makes_one_deal(cast, browse, acting):
    client, form = browse(cast.rep), typed(cast, idempotency_key="the-same-key-twice")
    first, second = client.post(ADDRESS, form), client.post(ADDRESS, form)
    assert first["Location"] == second["Location"]
    assert len(made(cast, acting)) == 1


def test_a_typed_name_finds_its_account(cast, browse, acting):
    browse(cast.rep).post(ADDRESS, typed(cast, account="", account_name="aCORN"))
    assert made(cast, acting)[0].account.name == "Acorn"


def test_an_unknown_name_offers_to_create_it(cast, browse, acting):
    client = browse(cast.rep)
    asked = client.post(ADDRESS, typed(cast, account="", account_name="Dogwood"))
    assert asked.status_code == 422
    assert 'name="account_is_new"' in asked.content.decode()
    client.post(ADDRESS, typed(cast, account="", account_name="Dogwood", account_is_new="on"))
    assert made(cast, acting)[0].account.name == "Dogwood"


def test_a_new_account_is_picked_from_the_list(cast, browse, acting):
    browse(cast.rep).post(ADDRESS, typed(cast, account="new", account_name="Dogwood"))
    (deal,) = made(cast, acting)
    assert (deal.account.name, deal.territory_id) == ("Dogwood", cast.territories["East 1"].pk)


def test_an_account_out_of_reach_is_found_neither_by_id_nor_by_name(cast, browse, acting):
    client = browse(cast.rep)
    assert client.post(ADDRESS, typed(cast, account=cast.accounts["Cedar"].pk)).status_code == 404
    assert client.post(ADDRESS, typed(cast, account="", account_name="Cedar")).status_code == 422
    assert made(cast, acting) == []


def test_a_won_stage_is_no_choice(cast, browse, acting):
    assert browse(cast.rep).post(ADDRESS, typed(cast, stage_id=cast.stages["Won"].pk)).status_code == 422
    assert made(cast, acting) == []


@pytest.mark.parametrize("person", ["executive", "coordinator"])
def test_who_opens_no_deals(cast, browse, person):
    assert browse(getattr(cast, person)).post(ADDRESS, typed(cast)).status_code == 403


def test_an_account_made_in_place_that_is_here_already_needs_a_reason(cast, browse):
    client, deal = browse(cast.rep), {
        "account": "new", "account_name": "Cedar", "name": "Big one", "amount_minor": "5", "currency": "USD",
        "close_on": "2026-06-30", "stage_id": str(cast.stages["Proposal"].pk),
    }  # fmt: skip
    refused = client.post(reverse("opportunity_create"), deal)
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "An account like this exists that you don&#x27;t see" in page
    assert 'value="Big one"' in page
    assert (
        client.post(reverse("opportunity_create"), {**deal, "account_anyway": "another"}).status_code == 302
    )


@pytest.mark.parametrize(
    ("amount", "minor", "currency"),
    [
        ("12k", 1_200_000, "USD"),
        ("1.5m EUR", 150_000_000, "EUR"),
        ("eur 12k", 1_200_000, "EUR"),
        ("7USD", 700, "USD"),
    ],
)
def test_an_amount_is_cut_short_and_names_its_currency(cast, browse, acting, amount, minor, currency):
    browse(cast.rep).post(ADDRESS, typed(cast, amount_minor=amount))
    (deal,) = made(cast, acting)
    assert (deal.amount_minor, deal.currency) == (minor, currency)


def test_a_currency_that_is_not_in_use_is_no_amount(cast, browse, acting):
    assert browse(cast.rep).post(ADDRESS, typed(cast, amount_minor="12k JPY")).status_code == 422
    assert made(cast, acting) == []


@pytest.mark.parametrize(
    ("word", "day"),
    [("+30", "2026-06-19"), ("eom", "2026-05-31"), ("EOQ", "2026-06-30"), ("fri", "2026-05-22")],
)
def test_a_close_date_in_words(cast, browse, acting, word, day):
    browse(cast.rep).post(ADDRESS, typed(cast, close_on=word))
    assert made(cast, acting)[0].close_on.isoformat() == day


def test_what_words_are_taken_is_said_and_offered(cast, browse):
    client = browse(cast.rep)
    refused = client.post(ADDRESS, typed(cast, close_on="someday")).content.decode()
    assert "Write a day, or one of +30, +2w, eom, eoq, eoy, fri, 31 mar." in refused
    assert 'value="someday"' in refused
    assert '<option value="eoq">Jun 30, 2026</option>' in client.get(ADDRESS).content.decode()


def test_in_its_dialog_it_closes_and_leads_on(cast, browse, acting):
    client, in_dialog = browse(cast.rep), {"HX-Request": "true"}
    form = typed(cast, amount_minor="12k", close_on="eoq", idempotency_key="a-key-of-the-dialog")
    answers = [client.post(ADDRESS, form, headers=in_dialog) for _ in range(2)]
    (deal,) = made(cast, acting)
    for answer in answers:
        toast = json.loads(answer["HX-Trigger"])["toast"]
        assert (answer.status_code, toast["url"]) == (204, reverse("opportunity_detail", args=[deal.pk]))
        assert toast["text"] == "New servers is in your pipeline: $12,000.00, closing Jun 30, 2026."
    assert "is in your pipeline" not in client.get("/opportunities/").content.decode()


def test_from_an_account_its_dialog_leads_to_the_deal(cast, browse):
    address = f"{ADDRESS}?account={cast.accounts['Acorn'].pk}"
    answer = browse(cast.rep).post(address, typed(cast), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/opportunities/")


def test_one_more_enter_creates_the_account_also_when_one_like_it_is_here(cast, browse, acting):
    client, form = browse(cast.rep), typed(cast, account="", account_name="Cedar", account_is_new="on")
    page = client.post(ADDRESS, form)
    assert page.status_code == 409
    first_button = page.content.decode().split("<main")[1].split('type="submit"')[1].split(">")[0]
    assert 'name="account_is_new" value="on"' in first_button
    client.post(ADDRESS, {**form, "account_anyway": "the one of Boston"})
    assert made(cast, acting)[0].account.name == "Cedar"
