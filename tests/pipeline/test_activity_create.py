"""Quick entry of an activity: on a deal, with an account, planned or done."""

import pytest
from django.urls import reverse

from accounts.models import Contact
from accounts.services import create_account
from pipeline.models import Activity, Opportunity
from pipeline.services import add_stakeholder
from tests.salesops.conftest import plain

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


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ({}, False),
        ({"next_step": "Send the offer"}, True),
        ({"done": ""}, True),
        ({"due_on": "x"}, True),
    ],
)
def test_all_but_the_kind_and_the_subject_is_folded_until_it_says_something(cast, browse, said, is_open):
    about = {"opportunity": cast.deals["Acorn renewal"].pk}
    client, folded = browse(cast.rep), '<details class="fields"><summary'
    assert folded in client.get(ADDRESS, about).content.decode()
    refused = client.post(ADDRESS, typed(**about, **said) | {"subject": ""})
    assert refused.status_code == 422
    is_folded = folded in refused.content.decode()
    assert is_folded is not is_open


def test_who_opens_no_deals_is_not_sent_there(cast, browse):
    tab = f'<a href="{reverse("opportunity_create")}"'
    assert tab in browse(cast.rep).get(ADDRESS).content.decode()
    assert tab not in browse(cast.coordinator).get(ADDRESS).content.decode()


def test_an_executive_notes_nothing(cast, browse):
    assert browse(cast.executive).post(ADDRESS, typed(account_name="Acorn")).status_code == 403


def people(cast, acting, number, account="Acorn"):
    with acting(cast.admin):
        rows = [
            Contact(account=cast.accounts[account], name=f"Contact {place:02}") for place in range(number)
        ]
        return Contact.objects.bulk_create(rows)


def test_it_names_those_with_whom_it_was(cast, browse, acting):
    ann, bo = people(cast, acting, 2)
    deal, client = cast.deals["Acorn renewal"].pk, browse(cast.rep)
    assert "Contact 00" in plain(client.get(ADDRESS, {"opportunity": deal}))
    client.post(ADDRESS, typed(opportunity=deal, contact_ids=[ann.pk, bo.pk]))
    (row,) = noted(cast, acting)
    with acting(cast.rep):
        assert row.contact_ids == [ann.pk, bo.pk]
    page = plain(client.get(reverse("opportunity_detail", args=[deal])))
    assert "Talked price Phone call · Rita Rep · with Contact 00, Contact 01" in page


def test_of_many_contacts_the_stakeholders_are_offered_first_and_the_rest_is_found(cast, browse, acting):
    rows = people(cast, acting, 20)
    deal, client = cast.deals["Acorn renewal"].pk, browse(cast.rep)
    with acting(cast.rep):
        add_stakeholder(by=cast.rep.pk, opportunity_id=deal, role="uses", contact_id=rows[19].pk)
    page = client.get(ADDRESS, {"opportunity": deal}).content.decode()
    ticks = page.partition('class="ticks"')[2].partition("</fieldset>")[0]
    assert ticks.index("Contact 19") < ticks.index("Contact 00")
    assert ticks.count("<input") == 12
    form = typed(opportunity=deal, contact_ids=[rows[0].pk], other_contact_id=rows[15].pk)
    assert client.post(ADDRESS, form).status_code == 302
    (row,) = noted(cast, acting)
    with acting(cast.rep):
        assert row.contact_ids == [rows[0].pk, rows[15].pk]


def test_contacts_follow_the_account_that_is_chosen(cast, browse, acting):
    people(cast, acting, 1)
    people(cast, acting, 1, "Cedar")
    client, url = browse(cast.rep), reverse("activity_with")
    assert "Contact 00" in plain(client.get(url, {"account": cast.accounts["Acorn"].pk}))
    for query in ({}, {"account": cast.accounts["Cedar"].pk}, {"account": 10**17}):
        assert plain(client.get(url, query)).strip() == ""
    assert client.get(url, {"account": "x"}).status_code == 400


def test_a_contact_of_another_account_is_refused_and_the_ticks_stay(cast, browse, acting):
    (ann,), (cedar,) = people(cast, acting, 1), people(cast, acting, 1, "Cedar")
    deal = cast.deals["Acorn renewal"].pk
    for wrong in (cedar.pk, 10**17):
        answer = browse(cast.rep).post(ADDRESS, typed(opportunity=deal, contact_ids=[ann.pk, wrong]))
        assert (answer.status_code, "Choose contacts of this account." in plain(answer)) == (422, True)
        assert f'value="{ann.pk}" id="id_contact_ids_{ann.pk}" checked' in answer.content.decode()
    assert browse(cast.rep).post(ADDRESS, typed(opportunity=deal, contact_ids="x")).status_code == 422
    assert noted(cast, acting) == []
