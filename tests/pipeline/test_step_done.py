"""The next step of a deal is done: what is logged, what is next, and that it is one change of the deal."""

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from common.errors import Forbidden, NotInReach, Refused, Stale
from pipeline.models import Activity, Opportunity
from pipeline.rules.one_line import kind_of
from pipeline.services import complete_step, edit_opportunity, move_stage
from pipeline.services.plans import add_milestone
from tests.cast import Cast

PAGE = reverse("worklist")


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("Call Ann about pricing", "call"),
        ("Send the offer", "task"),
        ("Follow up: pricing", "follow_up"),
        ("Second demo for purchasing", "demo"),
        ("E-mail the terms", "email"),
        ("", "task"),
    ],
)
def test_what_a_step_was_is_read_from_its_first_words(step: str, kind: str) -> None:
    assert kind_of(step) == kind


@pytest.fixture
def due(cast: Cast, acting: Any) -> Opportunity:
    """Acorn renewal, whose next step was due yesterday."""
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        step = {"next_step": "Call Ann", "next_step_on": date(2026, 5, 19)}
        return edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=deal.version, **step)


def done(who: Any, deal: Opportunity, **more: Any) -> Opportunity:
    values = {"version": deal.version, "kind": "call", **more}
    return complete_step(by=who.pk, opportunity_id=deal.pk, **values)


def logged(cast: Cast, acting: Any) -> list[Activity]:
    with acting(cast.admin):
        return list(Activity.objects.order_by("id"))


def test_it_is_logged_as_done_and_the_next_one_stands_in_its_place(
    cast: Cast, acting: Any, due: Opportunity
) -> None:
    with acting(cast.rep):
        after = done(cast.rep, due, next_step="Send the offer", next_step_on=date(2026, 5, 25))
    (row,) = logged(cast, acting)
    assert (row.kind, row.subject, row.opportunity_id) == ("call", "Call Ann", due.pk)
    assert (row.done_on, row.owner_id, row.due_on) == (date(2026, 5, 20), cast.rep.pk, None)
    assert (after.next_step, after.next_step_on) == ("Send the offer", date(2026, 5, 25))


def test_it_is_one_change_of_the_deal(cast: Cast, acting: Any, due: Opportunity) -> None:
    events = apps.get_model("pipeline.OpportunityEvent")._default_manager.filter(pgh_obj_id=due.pk)
    with acting(cast.rep):
        before = events.count()
        after = done(cast.rep, due, next_step="Send the offer")
        assert (events.count() - before, after.version - due.version) == (1, 1)
    assert (after.next_step, after.next_step_on) == ("Send the offer", None)


def test_nothing_is_next_where_nobody_says(cast: Cast, acting: Any, due: Opportunity) -> None:
    with acting(cast.rep):
        after = done(cast.rep, due, next_step="  ", next_step_on=date(2026, 5, 25))
    assert (after.next_step, after.next_step_on) == ("", None)


def test_a_long_step_is_kept_whole(cast: Cast, acting: Any, due: Opportunity) -> None:
    text = "Call " + "x" * 190
    with acting(cast.rep):
        known = {"by": cast.rep.pk, "opportunity_id": due.pk}
        long = edit_opportunity(**known, version=due.version, next_step=text)
        done(cast.rep, long)
    (row,) = logged(cast, acting)
    assert (row.subject, row.outcome) == (text[:160], text)


def test_what_is_not_there_or_not_theirs_is_refused(cast: Cast, acting: Any, due: Opportunity) -> None:
    with acting(cast.other_rep), pytest.raises(NotInReach):
        done(cast.other_rep, due)
    with acting(cast.executive), pytest.raises(Forbidden):
        done(cast.executive, due)
    with acting(cast.rep), pytest.raises(Stale):
        done(cast.rep, due, version=due.version - 1)
    with acting(cast.rep), pytest.raises(Refused, match="A day lies between"):
        done(cast.rep, due, next_step="Call", next_step_on=date(2199, 1, 1))
    with acting(cast.rep):
        again = done(cast.rep, due)
        with pytest.raises(Refused, match="no next step"):
            done(cast.rep, again)
    assert len(logged(cast, acting)) == 1


def test_a_deal_that_is_lost_has_no_step_to_be_done(cast: Cast, acting: Any, due: Opportunity) -> None:
    lost = {"stage_id": cast.stages["Lost"].pk, "lost_reason": "Price"}
    with acting(cast.rep):
        gone = move_stage(by=cast.rep.pk, opportunity_id=due.pk, version=due.version, **lost)
        with pytest.raises(Refused):
            done(cast.rep, gone)


# ---- the worklist and the deal's page ----


def press(client: Any, url: str, key: str, **typed: Any) -> Any:
    return client.post(url, typed, headers={"HX-Request": "true", "HX-Target": f"work-{key}"})


def test_its_line_offers_it_by_one_key_and_says_what_was_done(
    cast: Cast, acting: Any, browse: Any, due: Opportunity
) -> None:
    client, url = browse(cast.rep), reverse("opportunity_step_done", args=[due.pk])
    (line,) = client.get(PAGE).context["lines"]
    assert [(act.key, str(act.word)) for act in line["acts"] if act.key == "x"] == [("x", "Step done")]
    form = client.get(url, headers={"HX-Request": "true", "HX-Target": f"form-deal-{due.pk}"})
    assert form.context["form"]["kind"].value() == "call"
    assert "Call Ann" in form.content.decode()
    typed = {"version": due.version, "kind": "call", "next_step": "Send the offer"}
    answer = press(client, url, f"deal-{due.pk}", **typed, next_step_on="2026-05-25")
    text = unescape(answer.content.decode())
    assert "Call Ann is done. Next for Acorn renewal: Send the offer." in text
    assert list(answer.context["item"].reasons) == ["stalled"]
    back = press(client, answer.context["said"].url, f"deal-{due.pk}", **dict(answer.context["said"].sent))
    assert list(back.context["item"].reasons) == ["step_due", "stalled"]
    with acting(cast.rep):
        kept = Opportunity.objects.get(pk=due.pk)
        assert (kept.next_step, kept.next_step_on) == ("Call Ann", date(2026, 5, 19))


def test_a_milestone_that_is_due_has_the_key_before_the_step(
    cast: Cast, acting: Any, browse: Any, due: Opportunity
) -> None:
    with acting(cast.rep):
        day = date(2026, 5, 20)
        add_milestone(by=cast.rep.pk, opportunity_id=due.pk, name="Offer", planned_on=day)
    (line,) = browse(cast.rep).get(PAGE).context["lines"]
    done_acts = [(act.key, str(act.word)) for act in line["acts"] if str(act.word) in ("Met", "Step done")]
    assert done_acts == [("x", "Met"), ("", "Step done")]


def test_the_deals_page_offers_it_and_leads_back_there(
    cast: Cast, acting: Any, browse: Any, due: Opportunity
) -> None:
    client, page = browse(cast.rep), reverse("opportunity_detail", args=[due.pk])
    url = reverse("opportunity_step_done", args=[due.pk])
    assert f'href="{url}?back={page}"' in client.get(page).content.decode()
    assert f'href="{url}' not in browse(cast.executive).get(page).content.decode()
    answer = client.post(url, {"version": due.version, "kind": "call", "back": page})
    assert answer["Location"] == page
    after = unescape(client.get(page).content.decode())
    assert "Call Ann is done. Say what is next for Acorn renewal." in after
    assert f'href="{url}' not in after


def test_who_was_not_first_sees_what_is_there_now(cast: Cast, browse: Any, due: Opportunity) -> None:
    client, url = browse(cast.rep), reverse("opportunity_step_done", args=[due.pk])
    stale = press(client, url, f"deal-{due.pk}", version=due.version - 1, kind="call", next_step="Offer")
    assert (stale.status_code, stale["HX-Retarget"]) == (412, f"#form-deal-{due.pk}")
    assert 'value="Offer"' in stale.content.decode()
    assert stale.context["form"]["version"].value() == str(due.version)
