"""Quick entry of an activity: on a deal, with an account, planned or done."""

import pytest
from django.urls import reverse

from accounts.services import create_account
from pipeline.models import Activity, Opportunity

ADDRESS = "/activities/new/"


def typed(**changes):
    values = {
        "kind": "call",
        "subject": "Talked price",
        "outcome": "",
        "done": "on",
        "next_step": "",
        "due_on": "",
    }
    return {**values, **changes}


def noted(cast, acting):
    with acting(cast.admin):
        return list(Activity.objects.filter(subject="Talked price"))


def test_on_a_deal_with_its_next_step(cast, browse, acting):
    deal = cast.deals["Acorn renewal"]
    form = typed(opportunity=deal.pk, next_step="Send offer", next_step_on="2026-05-27")
    answer = browse(cast.rep).post(ADDRESS, form)
    assert answer["Location"] == reverse("opportunity_detail", args=[deal.pk])
    assert [(row.kind, row.opportunity_id) for row in noted(cast, acting)] == [("call", deal.pk)]
    with acting(cast.rep):
        assert Opportunity.objects.get(pk=deal.pk).next_step == "Send offer"


def test_with_an_account(cast, browse, acting):
    form = typed(account="", account_name="Acorn", done="", due_on="6/1/2026")
    answer = browse(cast.rep).post(ADDRESS, form)
    (row,) = noted(cast, acting)
    assert answer["Location"] == reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    assert (row.account_id, row.due_on.isoformat(), row.done_at) == (
        cast.accounts["Acorn"].pk,
        "2026-06-01",
        None,
    )


def test_the_same_form_sent_twice_notes_it_once(cast, browse, acting):
    client = browse(cast.rep)
    form = typed(account_name="Acorn", idempotency_key="twice-the-same")
    assert [client.post(ADDRESS, form).status_code for _ in range(2)] == [302, 302]
    assert len(noted(cast, acting)) == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"account_name": ""},
        {"subject": " ", "account_name": "Acorn"},
        {"kind": "fax", "account_name": "Acorn"},
        {"done": "", "account_name": "Acorn"},
        {"account_name": "Cedar"},
        {"account_name": "Dogwood", "account_is_new": "on"},
        {"account": "x", "account_name": "Acorn"},
        {"opportunity": "1" * 5000},
        {"opportunity": "x"},
        {"opportunity": "0"},
    ],
)
def test_what_is_missing_is_refused(cast, browse, acting, broken):
    answer = browse(cast.rep).post(ADDRESS, typed(**broken))
    assert answer.status_code == 422
    assert noted(cast, acting) == []


def test_a_name_that_several_accounts_have_is_picked(cast, browse, acting):
    with acting(cast.rep):
        second = create_account(by=cast.rep.pk, name="ACORN", anyway_reason="a twin")
    client = browse(cast.rep)
    answer = client.post(ADDRESS, typed(account_name="Acorn"))
    assert answer.status_code == 422
    assert "Several accounts have this name. Pick one from the list." in answer.content.decode()
    assert client.post(ADDRESS, typed(account=second.pk, account_name="ACORN")).status_code == 302
    assert [row.account_id for row in noted(cast, acting)] == [second.pk]


def test_out_of_reach_is_not_there(cast, browse):
    client = browse(cast.rep)
    cedar = cast.deals["Cedar renewal"].pk
    assert client.post(ADDRESS, typed(opportunity=cedar)).status_code == 404
    assert client.get(ADDRESS, {"opportunity": cedar}).status_code == 404
    assert client.get(ADDRESS, {"account": cast.accounts["Cedar"].pk}).status_code == 404
    assert client.get(ADDRESS, {"opportunity": "x"}).status_code == 400


def test_the_page_names_the_deal(cast, browse):
    page = browse(cast.rep).get(ADDRESS, {"opportunity": cast.deals["Acorn renewal"].pk}).content.decode()
    assert "Acorn renewal" in page
    assert 'role="combobox"' not in page
    assert 'role="combobox"' in browse(cast.rep).get(ADDRESS).content.decode()


def test_who_opens_no_deals_is_not_sent_there(cast, browse):
    tab = f'<a href="{reverse("opportunity_create")}"'
    assert tab in browse(cast.rep).get(ADDRESS).content.decode()
    assert tab not in browse(cast.coordinator).get(ADDRESS).content.decode()


def test_an_executive_notes_nothing(cast, browse):
    assert browse(cast.executive).post(ADDRESS, typed(account_name="Acorn")).status_code == 403
