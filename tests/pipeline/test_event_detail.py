"""An event: who is on its list and came, what it cost, and what it sourced."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Contact
from common.access import Reach
from common.errors import Forbidden, NotInReach, Refused, Stale
from common.transaction import work
from pipeline.models import EventContact, Opportunity, SalesEvent
from pipeline.selectors import attendance
from pipeline.selectors.attendance import brought, guests_of
from pipeline.services import (
    AccountInput,
    DealInput,
    add_guest,
    change_guest,
    convert_lead,
    create_event,
    edit_opportunity,
    remove_guest,
)
from tests.calls import Api, faults
from tests.cast import Cast
from tests.pipeline.leads import a_lead
from tests.salesops.conftest import plain

DAY = date(2026, 5, 20)


def fair(cast: Cast, acting: Any, **more: Any) -> Any:
    with acting(cast.rep):
        values = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 2), "currency": "EUR", **more}
        return create_event(by=cast.rep.pk, name="Fair", **{"cost_minor": 1_000_00, **values})


def a_contact(cast: Cast, acting: Any, account: str = "Acorn") -> Contact:
    with acting(cast.admin):
        contact: Contact = Contact.objects.create(account=cast.accounts[account], name=f"Ann {account}")
    return contact


def test_contacts_and_leads_are_invited_and_come(cast: Cast, acting: Any) -> None:
    event, ann, lead = fair(cast, acting), a_contact(cast, acting), a_lead(acting, cast.rep)
    with acting(cast.rep) as context:
        by = {"by": cast.rep.pk, "event_id": event.pk}
        first = add_guest(who="contact", guest_id=ann.pk, **by)
        add_guest(who="lead", guest_id=lead.pk, state="came", **by)
        changed = change_guest(who="contact", guest_row_id=first.pk, version=1, state="came", **by)
        assert (changed.state, changed.version) == ("came", 2)
        with pytest.raises(Stale):
            change_guest(who="contact", guest_row_id=first.pk, version=1, state="invited", **by)
        with pytest.raises(Refused) as refused:
            change_guest(who="contact", guest_row_id=first.pk, version=2, state="slept", **by)
        assert refused.value.code == "unknown_state"
        listed = guests_of(context.reach, event)
        assert ([row.name for row in listed.rows], listed.came, listed.total) == (
            ["Ann Acorn", "Ella Fischer"],
            2,
            2,
        )
        remove_guest(who="contact", guest_row_id=first.pk, version=2, **by)
        assert guests_of(context.reach, event).total == 1
        back = add_guest(who="contact", guest_id=ann.pk, **by)
        assert (back.pk, back.state, back.is_removed) == (first.pk, "invited", False)


def test_who_is_added_again_stays_as_they_are_unless_a_state_is_given(
    cast: Cast, acting: Any, browse: Any
) -> None:
    event, ann = fair(cast, acting), a_contact(cast, acting)
    by = {"by": cast.rep.pk, "event_id": event.pk, "who": "contact", "guest_id": ann.pk}
    with acting(cast.rep):
        add_guest(state="came", **by)
        again = add_guest(**by)
        assert (again.state, again.version) == ("came", 1)
        assert add_guest(state="stayed_away", **by).state == "stayed_away"
    add, api = reverse("guest_add", args=[event.pk]), Api(cast.rep)
    assert browse(cast.rep).post(add, {"contact_id": ann.pk, "state": ""}).status_code == 302
    answer = api.post(f"events/{event.pk}/guests/", {"who": "contact", "id": ann.pk})
    assert (answer.json()["state"], answer.json()["version"]) == ("stayed_away", 2)


def test_each_reader_sees_those_whom_they_may_see(cast: Cast, acting: Any) -> None:
    event, ann, cedar = fair(cast, acting), a_contact(cast, acting), a_contact(cast, acting, "Cedar")
    with acting(cast.rep):
        guest = add_guest(by=cast.rep.pk, event_id=event.pk, who="contact", guest_id=ann.pk)
        with pytest.raises(NotInReach):
            add_guest(by=cast.rep.pk, event_id=event.pk, who="contact", guest_id=cedar.pk)
    with acting(cast.other_rep) as context:
        assert guests_of(context.reach, event).total == 0
        assert not EventContact.objects.exists()
        about = {"event_id": event.pk, "who": "contact", "guest_row_id": guest.pk, "version": 1}
        with pytest.raises(NotInReach):
            change_guest(by=cast.other_rep.pk, state="came", **about)
        add_guest(by=cast.other_rep.pk, event_id=event.pk, who="contact", guest_id=cedar.pk)
    with acting(cast.admin) as context:
        assert guests_of(context.reach, event).total == 2
    with acting(cast.executive), pytest.raises(Forbidden):
        add_guest(by=cast.executive.pk, event_id=event.pk, who="contact", guest_id=ann.pk)


def sourced(cast: Cast, acting: Any, event: Any) -> Opportunity:
    """Of two leads of the event one became a deal of 5,000.00, which has grown to 7,500.00."""
    lead = a_lead(acting, cast.rep, origin="event", event_id=event.pk)
    a_lead(acting, cast.rep, name="Gus", origin="event", event_id=event.pk, anyway_reason="more")
    with acting(cast.rep):
        deal = DealInput("Servers", 5_000_00, "USD", date(2026, 6, 30), cast.stages["Prospecting"].pk)
        account = AccountInput(cast.accounts["Acorn"].pk)
        converted = convert_lead(by=cast.rep.pk, lead_id=lead.pk, version=1, account=account, deal=deal)
        return Opportunity.objects.get(pk=converted.opportunity_id or 0)


def test_what_an_event_sourced(cast: Cast, acting: Any, clock: Any) -> None:
    event = fair(cast, acting)
    deal = sourced(cast, acting, event)
    clock.move_to("2026-05-22T09:00Z")
    with acting(cast.rep) as context:
        deal.refresh_from_db()
        edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, amount_minor=7_500_00)
        came = brought(context.reach, event, date(2026, 5, 22))
    assert (came.leads, [one.name for one in came.deals]) == (2, ["Servers"])
    assert (came.created_minor, came.now_minor, came.open_minor, came.won_minor) == (
        5_000_00,
        7_500_00,
        7_500_00,
        0,
    )
    assert (came.cost_minor, came.cost_per_lead_minor) == (1_200_00, 600_00)


def test_cost_per_lead_is_of_all_leads_and_one_figure_for_all(cast: Cast, acting: Any) -> None:
    event = fair(cast, acting)
    sourced(cast, acting, event)
    a_lead(acting, cast.other_rep, name="Wes", origin="event", event_id=event.pk, anyway_reason="more")
    for person, leads in ((cast.rep, 2), (cast.other_rep, 1), (cast.admin, 3)):
        with acting(person) as context:
            came = brought(context.reach, event, DAY)
        assert (came.leads, came.cost_per_lead_minor) == (leads, 400_00)


def test_what_adds_nothing_is_named_and_a_long_list_says_that_it_ends(
    cast: Cast, acting: Any, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = fair(cast, acting)
    deal = sourced(cast, acting, event)
    with work(by=None, why="a currency without a rate", reach=Reach.everything()):
        SalesEvent.objects.filter(pk=event.pk).update(currency="CHF")
        Opportunity.objects.filter(pk=deal.pk).update(currency="CHF")
    monkeypatch.setattr(attendance, "MOST_SHOWN", 0)
    with acting(cast.rep) as context:
        came = brought(context.reach, event, DAY)
    assert (came.deals, came.total, came.now_minor, came.unvalued) == ([], 1, 0, 1)
    page = plain(browse(cast.rep).get(reverse("event_detail", args=[event.pk])))
    assert "Without an amount or a rate, and so adding nothing:" in page
    assert "There is no rate for CHF, so the cost per lead is not known." in page


def test_without_leads_or_cost_nothing_is_divided(cast: Cast, acting: Any) -> None:
    event = fair(cast, acting)
    with acting(cast.rep) as context:
        assert brought(context.reach, event, DAY).cost_per_lead_minor is None
    free = fair(cast, acting, cost_minor=None)
    a_lead(acting, cast.rep, origin="event", event_id=free.pk)
    with acting(cast.rep) as context:
        assert brought(context.reach, free, DAY).cost_per_lead_minor is None


def test_the_page_tells_it_and_keeps_the_list(cast: Cast, acting: Any, browse: Any) -> None:
    event, ann = fair(cast, acting), a_contact(cast, acting)
    sourced(cast, acting, event)
    client, page = browse(cast.rep), reverse("event_detail", args=[event.pk])
    add = reverse("guest_add", args=[event.pk])
    assert client.post(add, {"state": "invited"}).status_code == 422
    assert client.post(add, {"contact_id": ann.pk, "state": "invited"})["Location"] == page
    with acting(cast.rep):
        guest = EventContact.objects.get()
    state = reverse("guest_contact", args=[event.pk, guest.pk])
    assert client.post(state, {"state": "came", "version": 1})["Location"] == page
    told = plain(client.get(page))
    assert "1 of 1 came" in told
    assert "€1,000.00" in told
    assert "Cost per lead $600.00" in told
    assert "Created value $5,000.00" in told
    gone = reverse("guest_contact_remove", args=[event.pk, guest.pk])
    assert client.post(gone, {"version": 1}).status_code == 412
    assert client.post(gone, {"version": 2})["Location"] == page
    assert "Nobody whom you see is on the list yet." in plain(client.get(page))
    assert browse(cast.other_rep).get(state).status_code == 404


def test_programs_keep_events_and_their_lists(cast: Cast, acting: Any) -> None:
    api, ann = Api(cast.rep), a_contact(cast, acting)
    typed = {
        "name": "Dinner",
        "starts_on": "2026-06-01",
        "ends_on": "2026-06-01",
        "currency": "USD",
        "cost": "90.00",
    }
    made = api.post("events/", typed).json()
    path = f"events/{made['id']}/"
    assert api.patch(path, {"cost": "120.50"}, If_Match="1").json()["cost"] == "120.50"
    assert faults(api.patch(path, {"ends_on": "2026-05-01"}, If_Match="2"))[0][1] == "ends_on"
    guest = api.post(f"{path}guests/", {"who": "contact", "id": ann.pk}).json()
    row = f"{path}guests/contact/{guest['id']}/"
    assert api.patch(row, {"state": "came"}, If_Match="1").json()["state"] == "came"
    told = api.get(path).json()
    assert (told["leads"], told["cost_per_lead"], told["created_value"]) == (0, None, "0.00")
    assert [(one["contact_id"], one["lead_id"], one["state"]) for one in told["guests"]] == [
        (ann.pk, None, "came")
    ]
    assert api.post(f"{row}remove/", {}, If_Match="2").status_code == 200
    assert api.get(path).json()["guests"] == []
    assert api.patch(f"{path}guests/dog/1/", {"state": "came"}, If_Match="1").status_code == 404
    assert [one["name"] for one in api.get("events/").json()["results"]] == ["Dinner"]
