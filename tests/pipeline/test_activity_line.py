"""A typed line fills the form of an activity, and saves it at once where nothing is left open."""

from datetime import date, time
from typing import Any

from django.urls import reverse

from accounts.models import Contact
from pipeline.models import Activity, Opportunity
from tests.cast import Cast
from tests.pipeline.leads import a_lead
from tests.salesops.conftest import plain

ADDRESS = "/activities/new/"


def line(text: str, **more: Any) -> dict[str, Any]:
    """What a browser sends of a form in which only the line was typed."""
    empty = dict.fromkeys(
        ("subject", "outcome", "done_on", "due_on", "at", "next_step", "next_step_on", "line_read"), ""
    )
    return {**empty, "line": text, "kind": "call", "done": "on", "account": "", "account_name": "", **more}


def logged(cast: Cast, acting: Any) -> list[Activity]:
    with acting(cast.admin):
        return list(Activity.objects.order_by("pk").prefetch_related("contacts"))


def a_contact(cast: Cast, acting: Any, name: str = "Ann Acorn", account: str = "Acorn") -> Contact:
    with acting(cast.admin):
        contact: Contact = Contact.objects.create(account=cast.accounts[account], name=name)
    return contact


def test_one_enter_saves_what_is_clear(cast: Cast, browse: Any, acting: Any) -> None:
    ann = a_contact(cast, acting)
    answer = browse(cast.rep).post(ADDRESS, line("call Ann about pricing, wants 5 % off, follow up Friday"))
    assert answer["Location"] == reverse("account_detail", args=[cast.accounts["Acorn"].pk])
    call, task = logged(cast, acting)
    assert (call.kind, call.subject, call.outcome) == ("call", "Pricing", "Wants 5 % off")
    assert (call.account_id, call.done_on) == (cast.accounts["Acorn"].pk, date(2026, 5, 20))
    with acting(cast.rep):
        assert call.contact_ids == task.contact_ids == [ann.pk]
    assert (task.kind, task.subject, task.due_on) == ("task", "Follow up: pricing", date(2026, 5, 22))


def test_what_lies_ahead_is_planned_and_what_was_keeps_its_day(cast: Cast, browse: Any, acting: Any) -> None:
    client = browse(cast.rep)
    assert client.post(ADDRESS, line("visit Acorn tomorrow 14:00")).status_code == 302
    assert client.post(ADDRESS, line("demo at Acorn yesterday")).status_code == 302
    visit, demo = logged(cast, acting)
    assert (visit.due_on, visit.at, visit.done_at) == (date(2026, 5, 21), time(14), None)
    assert (demo.subject, demo.done_on, demo.due_on) == ("Demo at Acorn", date(2026, 5, 19), None)
    assert demo.done_at.isoformat() == "2026-05-19T12:00:00+00:00"


def test_of_several_one_is_chosen_in_place(cast: Cast, browse: Any, acting: Any) -> None:
    first, second = a_contact(cast, acting, "Ann Acorn"), a_contact(cast, acting, "Ann Oak")
    client = browse(cast.rep)
    typed = line("call Ann about pricing")
    answer = client.post(ADDRESS, typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="contact:{first.pk}"' in page
    assert f'value="contact:{second.pk}"' in page
    assert 'value="Call Ann about pricing"' in page
    assert "Several are called Ann. Choose one." in plain(answer)
    assert "Say which account" not in plain(answer)
    assert logged(cast, acting) == []
    shown = {"line_read": "call Ann about pricing", "subject": "Call Ann about pricing"}
    assert client.post(ADDRESS, typed | shown).status_code == 422
    again = typed | shown | {"meant": f"contact:{second.pk}"}
    assert client.post(ADDRESS, again).status_code == 302
    (call,) = logged(cast, acting)
    with acting(cast.rep):
        assert (call.subject, call.contact_ids) == ("Pricing", [second.pk])


def test_nobody_of_that_name_keeps_the_text_and_asks_for_the_account(
    cast: Cast, browse: Any, acting: Any
) -> None:
    a_contact(cast, acting, "Ann Cedar", "Cedar")
    client = browse(cast.rep)
    answer = client.post(ADDRESS, line("call Ann about pricing"))
    assert answer.status_code == 422
    assert "Nobody in your reach is called Ann. Choose the account." in plain(answer)
    assert 'value="Call Ann about pricing"' in answer.content.decode()
    fields = {
        "line_read": "call Ann about pricing",
        "subject": "Call Ann about pricing",
        "account_name": "Acorn",
    }
    assert client.post(ADDRESS, line("call Ann about pricing", **fields)).status_code == 302
    assert [row.subject for row in logged(cast, acting)] == ["Call Ann about pricing"]


def test_fields_that_were_changed_after_the_line_count(cast: Cast, browse: Any, acting: Any) -> None:
    typed = line(
        "call Acorn", line_read="call Acorn", subject="Price list", kind="meeting", account_name="Acorn"
    )
    assert browse(cast.rep).post(ADDRESS, typed).status_code == 302
    assert [(row.kind, row.subject) for row in logged(cast, acting)] == [("meeting", "Price list")]


def test_another_line_means_somebody_else(cast: Cast, browse: Any, acting: Any) -> None:
    ann, bo = a_contact(cast, acting), a_contact(cast, acting, "Bo Beech", "Beech")
    before = {"line_read": "call Ann", "account": cast.accounts["Acorn"].pk, "account_name": "Acorn"}
    typed = line("call Bo", subject="Call Ann", contact_ids=[ann.pk], **before)
    twin = a_contact(cast, acting, "Bo Oak")
    assert browse(cast.manager).post(ADDRESS, typed).status_code == 422
    with acting(cast.admin):
        Contact.objects.filter(pk=twin.pk).update(name="Zoe Oak")
    assert browse(cast.manager).post(ADDRESS, typed).status_code == 302
    (call,) = logged(cast, acting)
    assert (call.subject, call.account_id) == ("Call Bo", cast.accounts["Beech"].pk)
    with acting(cast.manager):
        assert call.contact_ids == [bo.pk]


def test_on_a_deal_only_its_contacts_are_meant(cast: Cast, browse: Any, acting: Any) -> None:
    ann = a_contact(cast, acting)
    deal = cast.deals["Acorn renewal"].pk
    typed = line("met Ann yesterday, follow up +3", opportunity=deal)
    assert browse(cast.rep).post(ADDRESS, typed)["Location"] == reverse("opportunity_detail", args=[deal])
    (met,) = logged(cast, acting)
    assert (met.kind, met.opportunity_id, met.done_on) == ("meeting", deal, date(2026, 5, 19))
    with acting(cast.rep):
        assert met.contact_ids == [ann.pk]
        found = Opportunity.objects.get(pk=deal)
    assert (found.next_step, found.next_step_on) == ("Follow up", date(2026, 5, 23))


def test_deals_places_and_leads_are_meant_too(cast: Cast, browse: Any, acting: Any) -> None:
    ann = a_contact(cast, acting)
    a_contact(cast, acting, "Ann Beech", "Beech")
    lead, client = a_lead(acting, cast.manager), browse(cast.manager)
    assert client.post(ADDRESS, line("call Ann at Acorn")).status_code == 302
    assert client.post(ADDRESS, line("call Acorn renewal about terms")).status_code == 302
    assert client.post(ADDRESS, line("call Ella")).status_code == 302
    at_acorn, on_deal, of_lead = logged(cast, acting)
    with acting(cast.manager):
        assert at_acorn.contact_ids == [ann.pk]
    assert (on_deal.opportunity_id, on_deal.subject) == (cast.deals["Acorn renewal"].pk, "Terms")
    assert of_lead.lead_id == lead.pk


def test_what_is_understood_is_shown_as_one_types(cast: Cast, browse: Any, acting: Any) -> None:
    a_contact(cast, acting)
    client, url = browse(cast.rep), reverse("activity_read")
    said = plain(client.get(url, {"line": "call Ann about pricing, follow up Friday"}))
    assert "Phone call Ann Acorn · Acorn Pricing next: Follow up: pricing, May 22, 2026" in said
    assert "nobody here is called Zoe" in plain(client.get(url, {"line": "call Zoe"}))
    a_contact(cast, acting, "Ann Oak")
    assert "Ann: 2 may be meant" in plain(client.get(url, {"line": "call Ann tomorrow 9:30"}))
    assert plain(client.get(url)).strip() == ""
    cedar = cast.deals["Cedar renewal"].pk
    assert client.get(url, {"line": "x", "opportunity": cedar}).status_code == 404


def test_what_lies_ahead_is_not_done_already(cast: Cast, browse: Any, acting: Any) -> None:
    typed = line("", subject="Call", account_name="Acorn", done_on="2026-05-21")
    answer = browse(cast.rep).post(ADDRESS, typed)
    assert (answer.status_code, "This day is still to come" in plain(answer)) == (422, True)
    assert logged(cast, acting) == []
