"""The pages of leads: captured in four fields, found by filters, worked, converted on one page, and what they yield."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from pipeline.models import Lead
from pipeline.services import AccountInput, DealInput, convert_lead, create_event, log_activity
from tests.cast import Cast
from tests.pages import parsed
from tests.pipeline.leads import a_lead, read

TYPED = {
    "name": "Ella Fischer",
    "company": "",
    "email": "ella@dogwood.example",
    "phone": "",
    "origin": "self",
}


def names(page: Any) -> list[str]:
    rows = [one for one in parsed(page.content.decode()).walk() if one.has_class("row-link")]
    return [one.text for one in rows]


def test_four_fields_and_enter(cast: Cast, browse: Any, acting: Any) -> None:
    answer = browse(cast.rep).post("/leads/new/", TYPED)
    with acting(cast.rep):
        (lead,) = Lead.objects.all()
    assert answer["Location"] == f"/leads/{lead.pk}/"
    assert (lead.name, lead.owner_id, lead.origin) == ("Ella Fischer", cast.rep.pk, "self")
    page = browse(cast.rep).get(answer["Location"]).content.decode()
    assert 'href="mailto:ella@dogwood.example"' in page
    assert "It waits for a first call or mail until" in page


def test_one_like_it_is_named_in_place_and_added_with_a_reason(cast: Cast, browse: Any, acting: Any) -> None:
    a_lead(acting, cast.rep)
    client = browse(cast.rep)
    answer = client.post("/leads/new/", TYPED)
    assert answer.status_code == 409
    assert "Is it one of these?" in answer.content.decode()
    assert client.post("/leads/new/", {**TYPED, "anyway_reason": "her sister"}).status_code == 302


def test_the_list_holds_what_is_in_reach_and_passes_the_filters(
    cast: Cast, browse: Any, acting: Any, clock: Any
) -> None:
    clock.move_to(datetime(2026, 5, 20, 8, 30, tzinfo=UTC))
    a_lead(acting, cast.rep, name="Old", source="Referral", tactic="Walk-in")
    a_lead(acting, cast.other_rep, name="Foreign", anyway_reason="mine")
    clock.move_to(datetime(2026, 5, 20, 17, 1, tzinfo=UTC))
    a_lead(
        acting, cast.rep, name="Young", email="young@y.example", company="", phone="", anyway_reason="more"
    )
    client = browse(cast.manager)
    assert names(client.get("/leads/")) == ["Young", "Old"]
    for query, found in (
        ("untouched=1", ["Old"]), ("source=Referral", ["Old"]), ("tactic=Walk-in&origin=self", ["Old"]),
        ("q=young@", ["Young"]), ("q=DOGWOOD", ["Old"]), ("state=converted", []), ("state=all", ["Young", "Old"]),
        (f"owner={cast.peer.pk}", []),
    ):  # fmt: skip
        assert names(client.get(f"/leads/?{query}")) == found, query
    assert client.get("/leads/?state=lost").status_code == 400
    page = browse(cast.rep).get("/").content.decode()
    assert "1 lead is untouched." in page


def test_a_call_is_logged_and_the_lead_converted_on_one_page(cast: Cast, browse: Any, acting: Any) -> None:
    lead = a_lead(acting, cast.rep)
    client = browse(cast.rep)
    logged = client.post(
        "/activities/new/",
        {"lead": lead.pk, "kind": "call", "subject": "Rang her", "outcome": "", "done": "on"},
    )
    assert logged["Location"] == f"/leads/{lead.pk}/"
    form = client.get(f"/leads/{lead.pk}/convert/").context["form"]
    assert (form.initial["account_name"], form.initial["contact"]) == ("Dogwood GmbH", "new")
    typed = {
        "account": "new", "account_name": "Dogwood GmbH", "contact": "new", "contact_name": "Ella Fischer",
        "has_deal": "on", "name": "Servers", "amount_minor": "1,000.00", "currency": "USD",
        "close_on": "2026-06-30", "stage_id": cast.stages["Prospecting"].pk, "version": 1,
    }  # fmt: skip
    refused = client.post(f"/leads/{lead.pk}/convert/", {**typed, "close_on": ""})
    assert refused.status_code == 422
    assert 'value="Servers"' in refused.content.decode()
    client.post(f"/leads/{lead.pk}/convert/", typed)
    done = read(acting, cast.rep, lead)
    assert done.state == "converted"
    assert done.opportunity_id
    page = browse(cast.rep).get(f"/opportunities/{done.opportunity_id}/").content.decode()
    assert "Rang her" in page
    assert "What it became" in client.get(f"/leads/{lead.pk}/").content.decode()


def test_without_a_deal_nothing_of_one_is_asked(cast: Cast, browse: Any, acting: Any) -> None:
    lead = a_lead(acting, cast.rep)
    typed = {"account": cast.accounts["Acorn"].pk, "account_name": "Acorn", "contact": "none", "version": 1}
    typed |= dict.fromkeys(("contact_name", "name", "amount_minor", "close_on", "stage_id"), "")
    answer = browse(cast.rep).post(f"/leads/{lead.pk}/convert/", {**typed, "currency": "USD"})
    assert answer["Location"] == f"/accounts/{cast.accounts['Acorn'].pk}/"


@pytest.mark.parametrize("page", ["", "edit/", "give/", "disqualify/", "reopen/", "convert/"])
def test_anothers_lead_is_not_there_by_any_door(cast: Cast, browse: Any, acting: Any, page: str) -> None:
    lead = a_lead(acting, cast.rep)
    client = browse(cast.other_rep)
    assert client.get(f"/leads/{lead.pk}/{page}").status_code == 404
    if page:
        assert client.post(f"/leads/{lead.pk}/{page}", {"version": 1}).status_code == 404
    assert client.get(f"/activities/new/?lead={lead.pk}").status_code == 404
    sent = {"lead": lead.pk, "kind": "call", "subject": "x", "done": "on"}
    assert client.post("/activities/new/", sent).status_code == 404
    assert names(client.get("/leads/?state=all")) == []


def test_the_yield_of_sources_tactics_owners_and_events(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.rep):
        fair = create_event(by=cast.rep.pk, name="Fair", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 3),
                            currency="EUR", cost_minor=50_000)  # fmt: skip
    met = {"origin": "event", "event_id": fair.pk, "source": "Trade fair", "anyway_reason": "more"}
    leads = [a_lead(acting, cast.rep, **met) for _number in range(3)]
    a_lead(acting, cast.peer, source="Referral", anyway_reason="more")
    a_lead(acting, cast.other_rep, source="Trade fair", anyway_reason="more")
    with acting(cast.rep):
        log_activity(by=cast.rep.pk, kind="call", subject="Rang", lead_id=leads[0].pk)
        deal = DealInput("Servers", 100_000, "EUR", date(2026, 6, 30), cast.stages["Prospecting"].pk)
        convert_lead(by=cast.rep.pk, lead_id=leads[1].pk, version=1, deal=deal,
                     account=AccountInput(cast.accounts["Acorn"].pk))  # fmt: skip
    found = browse(cast.manager).get("/leads/yield/").context["found"]
    lines = [
        (one.label, one.leads, one.touched, one.converted, one.deals, one.won)
        for one in found.tables["source"]
    ]
    assert lines == [("Trade fair", 3, 2, 1, 1, 0), ("Referral", 1, 0, 0, 0, 0)]
    assert [(one.label, one.leads) for one in found.tables["owner"]] == [("Rita Rep", 3), ("Paul Peer", 1)]
    assert (found.total.leads, found.total.converted, found.total.conversion) == (4, 1, 0.25)
    (line,) = browse(cast.manager).get("/events/").context["lines"]
    assert (line.leads, line.deals, line.open_minor, line.won_minor) == (3, 1, 120_000, 0)
    (line,) = browse(cast.other_rep).get("/events/").context["lines"]
    assert (line.leads, line.deals, line.open_minor) == (0, 0, 0)
