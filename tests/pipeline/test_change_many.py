"""Deals that were marked in the list, changed together: what it does is shown first, then all of them or none."""

from datetime import date

import pytest
from django.urls import reverse

from pipeline.models import Opportunity
from pipeline.services import move_stage
from tests.pipeline.test_opportunity_list import many

ADDRESS = "/opportunities/change/"


def deals(cast, *names):
    return [cast.deals[name].pk for name in names or ("Acorn renewal", "Beech renewal")]


def send(client, pks, **typed):
    return client.post(ADDRESS, {"deal": pks, "reason": "", **typed})


def look(answer):
    return {
        line.deal.name: str(line.refusal) or [(step.before, step.after) for step in line.steps]
        for line in answer.context["look"].lines
    }


def now(cast, acting, field):
    with acting(cast.admin):
        return set(Opportunity.objects.filter(pk__in=deals(cast)).values_list(field, flat=True))


def test_marked_deals_open_the_form(cast, browse):
    page = browse(cast.manager).post(ADDRESS, {"deal": deals(cast)}).content.decode()
    assert "Change 2 opportunities" in page
    assert "Acorn renewal, Beech renewal" in page
    assert page.count('name="deal"') == 2


def test_what_it_does_is_shown_and_not_done_before_it_was_seen(cast, browse, acting):
    client = browse(cast.manager)
    typed = {"close_on": "2026-07-01", "stage_id": cast.stages["Proposal"].pk, "next_step": "Call"}
    shown = send(client, deals(cast), **typed)
    assert look(shown)["Acorn renewal"] == [
        ("Negotiation", "Proposal"),
        ("Jun 15, 2026", "Jul 1, 2026"),
        ("Commit", "Best Case"),
        ("—", "Call"),
    ]
    assert now(cast, acting, "close_on") == {date(2026, 6, 15)}
    done = send(client, deals(cast), seen=shown.context["look"].digest, back="/opportunities/?q=a", **typed)
    assert done["Location"] == "/opportunities/?q=a"
    assert now(cast, acting, "close_on") == {date(2026, 7, 1)}
    assert now(cast, acting, "version") == {2}
    page = client.get("/opportunities/").content.decode()
    assert "2 opportunities are changed." in page
    assert "chosen-done" in page


def test_who_refuses_is_named_and_the_others_can_go_on(cast, browse, acting):
    with acting(cast.rep):
        lost = {"stage_id": cast.stages["Lost"].pk, "lost_reason": "Price"}
        move_stage(by=cast.rep.pk, opportunity_id=cast.deals["Acorn renewal"].pk, version=1, **lost)
    client = browse(cast.manager)
    shown = send(client, deals(cast), next_step="Call")
    assert look(shown) == {
        "Acorn renewal": "This opportunity is closed already.",
        "Beech renewal": [("—", "Call")],
    }
    again = send(client, deals(cast), next_step="Call", seen=shown.context["look"].digest)
    assert again.context["look"].refused == 1
    assert now(cast, acting, "next_step") == {""}
    rest = shown.context["look"].allowed
    only = send(client, deals(cast), next_step="Call", only=",".join(map(str, rest)))
    assert list(look(only)) == ["Beech renewal"]
    send(client, rest, next_step="Call", seen=only.context["look"].digest)
    assert now(cast, acting, "next_step") == {"", "Call"}


def test_what_somebody_changed_meanwhile_is_shown_again(cast, browse, acting):
    client, typed = browse(cast.manager), {"next_step": "Call"}
    seen = send(client, deals(cast), **typed).context["look"].digest
    send_one = {"next_step": "Mine", "version": 1}
    browse(cast.rep).post(
        reverse("opportunity_cell", args=[*deals(cast, "Acorn renewal"), "next_step"]), send_one
    )
    shown = send(client, deals(cast), seen=seen, **typed)
    assert look(shown)["Acorn renewal"] == [("Mine", "Call")]
    assert now(cast, acting, "next_step") == {"Mine", ""}


def test_a_new_owner_needs_a_reason(cast, browse, acting):
    client = browse(cast.manager)
    asked = send(client, deals(cast, "Acorn renewal"), owner_id=cast.peer.pk)
    assert asked.status_code == 422
    assert "Say why they go to somebody else." in asked.content.decode()
    typed = {"owner_id": cast.peer.pk, "reason": "Rita leaves"}
    shown = send(client, deals(cast, "Acorn renewal"), **typed)
    assert look(shown) == {"Acorn renewal": [("Rita Rep", "Paul Peer")]}
    send(client, deals(cast, "Acorn renewal"), seen=shown.context["look"].digest, **typed)
    assert now(cast, acting, "owner_id") == {cast.peer.pk}


def test_all_that_match_are_taken_from_the_filters(cast, browse):
    many(cast, 60)
    client = browse(cast.rep)
    page = client.get("/opportunities/?q=&category=pipeline").content.decode()
    assert "Change all 60…" in page
    answer = client.post(ADDRESS, {"match": "category=pipeline", "deal": []})
    assert len(answer.context["deals"]) == 60
    assert "Acorn renewal" not in {deal.name for deal in answer.context["deals"]}


def test_too_many_and_none_say_what_to_do(cast, browse):
    client = browse(cast.rep)
    assert "No opportunities are chosen" in client.post(ADDRESS, {"deal": []}).content.decode()
    assert "Too many at once" in client.post(ADDRESS, {"deal": list(range(1, 502))}).content.decode()
    assert send(client, list(range(1, 502)), next_step="x").status_code == 422


@pytest.mark.parametrize(("person", "status"), [("rep", 404), ("executive", 403), ("coordinator", 403)])
def test_who_may(cast, browse, person, status):
    assert send(browse(getattr(cast, person)), deals(cast), next_step="x").status_code == status
