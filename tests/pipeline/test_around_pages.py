"""What is known around a deal, on its page: its panels, their forms, and what is told who was late."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Contact
from common.services import set_policy
from pipeline.models import Competitor, Requirement, Stakeholder
from pipeline.services import (
    add_competitor,
    add_concession,
    add_requirement,
    add_stakeholder,
    log_activity,
    move_stage,
)
from tests.cast import Cast
from tests.salesops.conftest import plain

HTMX = {"HX-Request": "true", "HX-Target": "around-requirements"}


@pytest.fixture
def ann(cast: Cast, acting: Any) -> Contact:
    """Who decides at Acorn, and was met today."""
    with acting(cast.rep):
        contact = Contact.objects.create(
            account=cast.accounts["Acorn"], name="Ann Acorn", title="CFO", seniority="executive"
        )
        about = {"by": cast.rep.pk, "opportunity_id": cast.deals["Acorn renewal"].pk}
        add_stakeholder(contact_id=contact.pk, role="decides", stance="for", **about)
        log_activity(kind="call", subject="Budget", contact_ids=[contact.pk], **about)
        return contact


def of(cast: Cast, name: str, *more: int) -> str:
    return reverse(name, args=[cast.deals["Acorn renewal"].pk, *more])


def test_the_deals_page_loads_the_panels_by_themselves(cast: Cast, browse: Any) -> None:
    page = browse(cast.rep).get(of(cast, "opportunity_detail")).content.decode()
    assert f'hx-get="{of(cast, "opportunity_around_panel")}"' in page


def test_an_empty_deal_says_what_to_find_out(cast: Cast, browse: Any) -> None:
    page = plain(browse(cast.rep).get(of(cast, "opportunity_around_panel")))
    for said in (
        "Stakeholder coverage : —",
        "Nobody named yet. Who decides",
        "Nothing known yet Competitors Who else",
        "Requirements What must",
        "Concessions What was given",
    ):
        assert said in page


def test_what_is_known_stands_in_four_panels(cast: Cast, acting: Any, browse: Any, ann: Contact) -> None:
    with acting(cast.rep):
        about = {"by": cast.rep.pk, "opportunity_id": cast.deals["Acorn renewal"].pk}
        bo = Contact.objects.create(account=cast.accounts["Acorn"], name="Bo Acorn")
        add_stakeholder(contact_id=bo.pk, role="uses", note="Night shift", **about)
        add_competitor(name="Oak", strategy="Speed", is_incumbent=True, **about)
        add_requirement(text="Fast", state="met", **about)
        add_requirement(text="Cheap", **about)
        words = {"text": "5 % off", "reason": "Budget"}
        add_concession(kind="discount", worth_minor=500_001, **words, **about)
        add_concession(kind="terms", text="60 days", reason="Asked", **about)
    panel = of(cast, "opportunity_around_panel")
    page = plain(browse(cast.rep).get(panel))
    for said in (
        "Stakeholder coverage : 1 of 2 met in 30 days",
        "Ann Acorn CFO · C-level decides for us May 20, 2026",
        "Bo Acorn Night shift uses unknown never",
        "Oak Speed incumbent",
        "1 of 2 met",
        "5 % off discount Budget — May 20, 2026 $5,000.01",
        "Total $5,000.01",
        "Of one it is not said what it is worth.",
    ):
        assert said in page
    reading = browse(cast.executive).get(panel).content.decode()
    assert "Ann Acorn" in reading
    assert "data-dialog" not in reading
    assert "<form" not in reading
    assert browse(cast.other_rep).get(panel).status_code == 404
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="met_within_days", value=1)
    assert "1 of 2 met in 1 day " in plain(browse(cast.rep).get(panel))


def test_somebody_new_is_named_in_the_same_form(cast: Cast, acting: Any, browse: Any) -> None:
    client, url = browse(cast.rep), of(cast, "stakeholder_add")
    typed = {"name": "Cy Acorn", "seniority": "director", "role": "champion", "stance": "for", "note": ""}
    assert client.post(url, typed).status_code == 302
    with acting(cast.rep):
        row = Stakeholder.objects.get()
        assert (row.contact.name, row.contact.seniority, row.role) == ("Cy Acorn", "director", "champion")
        known = row.contact_id
    answer = client.post(url, {**typed, "contact_id": known, "name": "Di"})
    assert answer.status_code == 422
    assert "Choose a contact or name a new one, not both." in plain(answer)
    assert 'value="Di"' in answer.content.decode()
    assert '<details class="fields" open>' in answer.content.decode()
    again = client.post(url, {"contact_id": known, "role": "uses", "stance": "for"})
    assert (again.status_code, "This contact is a stakeholder already." in plain(again)) == (422, True)
    assert "Somebody new" not in plain(browse(cast.director).get(url))
    assert browse(cast.director).post(url, {"role": "uses", "stance": "for"}).status_code == 422


def test_a_contact_of_another_account_cannot_be_chosen(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        ben = Contact.objects.create(account=cast.accounts["Beech"], name="Ben Beech")
    url = of(cast, "stakeholder_add")
    answer = browse(cast.admin).post(url, {"contact_id": ben.pk, "role": "uses", "stance": "for"})
    assert answer.status_code == 422
    assert "This can't be chosen here. Pick another one." in plain(answer).replace("’", "'")
    found = browse(cast.rep).get(reverse("contact_suggest"), {"account": cast.accounts["Beech"].pk, "q": "B"})
    assert "Ben" not in found.content.decode()


def test_who_was_late_sees_both_versions(cast: Cast, browse: Any, acting: Any, ann: Contact) -> None:
    with acting(cast.rep):
        url = of(cast, "stakeholder_edit", Stakeholder.objects.get().pk)
    client = browse(cast.rep)
    first = {"role": "budget", "stance": "for", "note": "Signs", "version": "1"}
    assert client.post(url, first).status_code == 302
    late = client.post(url, {"role": "decides", "stance": "against", "note": "Left", "version": "1"})
    page = plain(late)
    assert late.status_code == 412
    assert "Rita Rep changed this at" in page
    assert "Role holds the budget decides" in page
    assert "Note Signs Left" in page
    assert 'name="version" value="2"' in late.content.decode()
    assert (
        client.post(url, {"role": "decides", "stance": "against", "note": "Left", "version": "2"}).status_code
        == 302
    )
    assert "Stance: for us → against us" in plain(client.get(url))


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("x" * 2 * 1024 * 1024, "Ensure this value has at most 300 characters"),
        ("a\0b", "The character U+0000 at place 2 can"),
        ("a\u202eb", "RIGHT-TO-LEFT OVERRIDE at place 2"),
    ],
)
def test_a_note_that_cannot_be_kept_is_refused_and_stands_as_typed(
    cast: Cast, acting: Any, browse: Any, ann: Contact, note: str, said: str
) -> None:
    with acting(cast.rep):
        row = Stakeholder.objects.get()
    url, form = of(cast, "stakeholder_edit", row.pk), {"role": "uses", "stance": "neutral", "version": "1"}
    answer = browse(cast.rep).post(url, {**form, "note": note})
    assert answer.status_code == 422
    assert said in plain(answer)
    assert note in answer.content.decode()
    assert '<option value="neutral" selected>' in answer.content.decode()
    with acting(cast.rep):
        assert Stakeholder.objects.get().role == "decides"


def test_one_press_changes_a_requirement(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.rep):
        deal = cast.deals["Acorn renewal"].pk
        row = add_requirement(by=cast.rep.pk, opportunity_id=deal, text="Fast")
    client, url = browse(cast.rep), of(cast, "requirement_state", row.pk)
    answer = client.post(url, {"state": "met", "version": "1"}, headers=HTMX)
    assert answer.status_code == 200
    assert "1 of 1 met" in plain(answer)
    assert f'id="requirement-{row.pk}-met" aria-pressed="true"' in answer.content.decode()
    late = client.post(url, {"state": "unmet", "version": "1"}, headers=HTMX)
    assert (late.status_code, "Somebody else was faster." in plain(late)) == (412, True)
    assert client.post(url, {"state": "gone", "version": "2"}, headers=HTMX).status_code == 422
    assert client.post(url, {"state": "unmet", "version": "2"}).status_code == 302
    assert browse(cast.executive).post(url, {"state": "met", "version": "3"}, headers=HTMX).status_code == 403
    assert browse(cast.peer).post(url, {"state": "met", "version": "3"}).status_code == 404
    with acting(cast.rep):
        assert Requirement.objects.get().state == "unmet"


def test_what_is_taken_off_is_gone_and_a_second_press_is_told(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.rep):
        deal = cast.deals["Acorn renewal"].pk
        row = add_competitor(by=cast.rep.pk, opportunity_id=deal, name="Oak")
    client, url = browse(cast.rep), of(cast, "competitor_remove", row.pk)
    late = client.post(url, {"version": "7"}, follow=True)
    assert "Somebody else was faster." in plain(late)
    assert browse(cast.executive).post(url, {"version": "1"}).status_code == 403
    assert "Removed." in plain(client.post(url, {"version": "1"}, follow=True))
    assert client.post(url, {"version": "2"}).status_code == 404
    assert client.get(of(cast, "competitor_edit", row.pk)).status_code == 404
    with acting(cast.rep):
        assert Competitor.objects.get().is_removed


def test_a_closed_deal_takes_nothing_more(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.rep):
        ids = {"opportunity_id": cast.deals["Acorn renewal"].pk, "version": 1}
        move_stage(by=cast.rep.pk, stage_id=cast.stages["Lost"].pk, lost_reason="Price", **ids)
    client = browse(cast.rep)
    assert client.get(of(cast, "concession_add")).status_code == 409
    panel = plain(client.get(of(cast, "opportunity_around_panel")))
    for asked in ("Add a concession", "Nothing known yet", "Nobody named yet", "Who else might win this"):
        assert asked not in panel


def test_what_is_known_of_a_closed_deal_stays(cast: Cast, acting: Any, browse: Any, ann: Contact) -> None:
    with acting(cast.rep):
        ids = {"opportunity_id": cast.deals["Acorn renewal"].pk, "version": 1}
        move_stage(by=cast.rep.pk, stage_id=cast.stages["Lost"].pk, lost_reason="Price", **ids)
    panel = plain(browse(cast.rep).get(of(cast, "opportunity_around_panel")))
    assert "Ann Acorn" in panel
    assert "Nothing known yet" not in panel


def test_a_concession_is_typed_as_the_reader_writes(cast: Cast, browse: Any) -> None:
    client, url = browse(cast.rep), of(cast, "concession_add")
    assert "Worth in USD" in plain(client.get(url))
    typed = {"kind": "service", "text": "Training", "reason": "New team", "given_on": "5/19/2026"}
    assert client.post(url, {**typed, "worth_minor": "1,250.5"}).status_code == 302
    assert "Training service New team — May 19, 2026 $1,250.50" in plain(
        client.get(of(cast, "opportunity_around_panel"))
    )
    assert client.post(url, {**typed, "worth_minor": "-1"}).status_code == 422
