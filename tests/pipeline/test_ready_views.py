"""The views that everybody finds, what a leader's worklist holds, groups folded at once, and own fields everywhere."""

from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from pipeline.models import Opportunity
from pipeline.services import create_lead, log_activity
from tests.cast import Cast
from tests.pipeline.test_opportunity_list import many, names
from tests.workspace.test_own_fields import add

LIST, BOARD = reverse("opportunity_list"), reverse("opportunity_board")
CALENDAR, WORK = reverse("opportunity_calendar"), reverse("worklist")


def links(answer: Any, part: str) -> dict[str, str]:
    return {one["label"]: one["url"] for one in answer.context[part]}


def active(answer: Any, part: str) -> list[str]:
    return [one["label"] for one in answer.context[part] if one["active"]]


# ---- ready-made views ----


def test_a_rep_finds_their_views_without_making_them(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    many(cast, 1, name="Late", close_on=date(2026, 5, 19), next_step="Call")
    many(cast, 1, name="May", close_on=date(2026, 5, 31), next_step="Call")
    many(cast, 1, name="Bare", close_on=date(2026, 7, 1))
    plain = client.get(LIST)
    assert list(links(plain, "whose")) == ["Mine", "All"]
    mine = client.get(links(plain, "whose")["Mine"])
    assert (active(mine, "whose"), active(mine, "ready")) == (["Mine"], ["My open deals"])
    found = {label: names(client.get(url)) for label, url in links(mine, "ready").items()}
    assert found == {
        "My open deals": ["Late", "May", "Acorn renewal", "Bare"],
        "Closing this month": ["May"],
        "Overdue": ["Late"],
        "No next step": ["Acorn renewal", "Bare"],
        "Stalled": ["Acorn renewal"],
    }
    assert active(client.get(links(mine, "ready")["Overdue"]), "ready") == ["Overdue"]


def test_a_leader_turns_between_their_own_and_their_teams(cast: Cast, browse: Any) -> None:
    client = browse(cast.manager)
    team = client.get(LIST)
    assert (active(team, "whose"), active(team, "ready")) == (["My team's"], ["Open deals"])
    stalled = client.get(links(team, "ready")["Stalled"])
    assert names(stalled) == ["Acorn renewal", "Beech renewal"]
    mine = client.get(links(stalled, "whose")["Mine"])
    assert (names(mine), active(mine, "ready")) == ([], ["Stalled"])
    assert list(links(browse(cast.admin).get(LIST), "whose")) == ["Mine", "Everybody's"]


def test_every_page_offers_the_views_that_it_can_show(cast: Cast, browse: Any) -> None:
    client = browse(cast.rep)
    months = "Closing this month"
    assert months in links(client.get(BOARD), "ready")
    calendar = links(client.get(CALENDAR), "ready")
    assert months not in calendar
    for url in [*calendar.values(), *links(client.get(BOARD), "ready").values()]:
        assert client.get(url).status_code == 200


def test_what_is_set_is_said_and_cleared_one_by_one(cast: Cast, browse: Any) -> None:
    client = browse(cast.manager)
    place = cast.territories["East Team"]
    asked = {
        "category": "commit",
        "to": "2026-06-30",
        "owner": cast.rep.pk,
        "within": place.pk,
        "account": cast.accounts["Acorn"].pk,
        "stage": cast.stages["Negotiation"].pk,
        "group": "owner",
    }
    answer = client.get(LIST, asked)
    chips = answer.context["chips"]
    assert {str(chip["label"]): chip["value"] for chip in chips} == {
        "Category": "Commit",
        "Closing to": "Jun 30, 2026",
        "Owner": "Rita Rep",
        "In and below": "East Team",
        "Account": "Acorn",
        "Stage": "Negotiation",
    }
    for chip in chips:
        left = client.get(chip["url"]).context["chips"]
        assert len(left) == 5
        assert str(chip["label"]) not in [str(one["label"]) for one in left]
    only = client.get(LIST, {"attention": "stalled", "state": "open"}).context["chips"]
    assert [(chip["value"], chip["url"]) for chip in only] == [("stalled", LIST)]
    assert client.get(LIST, {"attention": "stalled"}).context["chips"][0]["url"] == LIST


# ---- the worklist of those whom one leads ----


def test_a_leader_finds_what_waits_for_their_team(cast: Cast, browse: Any, acting: Any, clock: Any) -> None:
    with acting(cast.rep):
        account = cast.accounts["Acorn"].pk
        known = {"by": cast.rep.pk, "kind": "task", "subject": "Send the offer", "done": False}
        log_activity(**known, due_on=date(2026, 5, 20), account_id=account)
        create_lead(by=cast.rep.pk, name="Lea Lead", email="lea@example.com", origin="inbound")
    clock.move_to(datetime(2026, 5, 22, 12, tzinfo=UTC))
    client = browse(cast.manager)
    answer = client.get(WORK)
    page = unescape(answer.content.decode())
    assert "What waits for my team?" in page
    found = [(str(line["item"].row), line["item"].row.owner.name) for line in answer.context["lines"]]
    assert sorted(found) == [
        ("Acorn renewal", "Rita Rep"),
        ("Beech renewal", "Paul Peer"),
        ("Lea Lead", "Rita Rep"),
        ("Send the offer", "Rita Rep"),
    ]
    assert page.count("· Rita Rep</small>") == 3
    one = client.get(WORK, {"owner": cast.peer.pk})
    assert [str(line["item"].row) for line in one.context["lines"]] == ["Beech renewal"]
    assert "What waits for Paul Peer?" in one.content.decode()
    assert client.get(WORK, {"owner": cast.manager.pk}).context["lines"] == []
    assert client.get(WORK, {"owner": cast.other_rep.pk}).status_code == 404


def test_a_rep_finds_what_waits_for_them_alone(cast: Cast, browse: Any) -> None:
    answer = browse(cast.rep).get(WORK)
    assert [str(line["item"].row) for line in answer.context["lines"]] == ["Acorn renewal"]
    assert "Rita Rep</small>" not in answer.content.decode()


# ---- groups ----


def test_groups_say_what_their_figure_is_and_fold_at_once(
    cast: Cast, browse: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browse(cast.manager)
    page = client.get(LIST, {"group": "owner", "open": "none"})
    assert [group.is_open for group in page.context["groups"]] == [False, False]
    assert page.content.decode().count("Sum of the amounts") == 2
    unfolded = client.get(LIST, {"group": "owner", "open": "all"})
    assert [(group.is_open, len(group.rows)) for group in unfolded.context["groups"]] == [
        (True, 1),
        (True, 1),
    ]
    monkeypatch.setattr("pipeline.selectors.groups.MOST_UNFOLDED", 1)
    some = client.get(LIST, {"group": "owner", "open": "all"})
    assert [group.is_open for group in some.context["groups"]] == [True, False]
    assert "too many opportunities to unfold every group" in some.content.decode()


def test_a_folded_lane_is_in_the_address(cast: Cast, browse: Any) -> None:
    page = browse(cast.manager).get(BOARD, {"lanes": "owner", "folded": f"{cast.rep.pk}"}).content.decode()
    folded, shown = (page.split(f'data-lane="{one.pk}"')[1][:120] for one in (cast.rep, cast.peer))
    assert (" open>" in folded, " open>" in shown) == (False, True)
    assert "$100,000" in page.split(f'id="lane-{cast.peer.pk}"')[1][:400]


# ---- own fields ----


def test_own_fields_narrow_every_way_of_looking_at_deals(cast: Cast, browse: Any, acting: Any) -> None:
    add(cast, acting, "opportunity", "Risk", "list", choices=["Low", "High"])
    many(cast, 1, name="Risky", close_on=date(2026, 5, 25), own={"risk": 2})
    with acting(cast.rep):
        risky = Opportunity.objects.get(name="Risky")
        known = {"by": cast.rep.pk, "kind": "task", "done": False, "due_on": date(2026, 5, 20)}
        log_activity(**known, subject="About it", opportunity_id=risky.pk)
        log_activity(**known, subject="About another", opportunity_id=cast.deals["Acorn renewal"].pk)
    client, asked = browse(cast.rep), {"own.risk": "2"}
    assert names(client.get(LIST, asked)) == ["Risky"]
    board = client.get(BOARD, asked)
    assert [deal.name for column in board.context["board"].columns for deal in column.cards] == ["Risky"]
    assert [(str(chip["label"]), chip["value"]) for chip in board.context["chips"]] == [("Risk", "High")]
    calendar = client.get(CALENDAR, {**asked, "month": "2026-05"}).context["calendar"]
    assert calendar.totals.deals == 1
    work = client.get(WORK, asked)
    assert sorted(str(line["item"].row) for line in work.context["lines"]) == ["About it", "Risky"]
    assert {tab["label"]: tab["url"].partition("?")[2] for tab in board.context["tabs"]} == dict.fromkeys(
        ["Table", "Board", "Calendar", "Worklist"], "own.risk=2"
    )
    assert client.get(BOARD, {"own.colour": "1"}).status_code == 400


# ---- what was just entered ----


def test_a_deal_just_entered_stands_on_the_page_that_it_belongs_to(
    cast: Cast, browse: Any, acting: Any
) -> None:
    many(cast, 50, close_on=date(2026, 5, 30))
    many(cast, 1, name="New", close_on=date(2027, 1, 1), category="commit")
    with acting(cast.rep):
        new = Opportunity.objects.get(name="New")
    client, headers = browse(cast.rep), {"Entered": str(new.pk)}
    assert "New" not in names(client.get(LIST))
    answer = client.get(LIST, headers=headers)
    assert (names(answer)[0], len(names(answer)), answer.context["count"].value) == ("New", 51, 52)
    assert "New" not in names(client.get(LIST, {"category": "pipeline"}, headers=headers))
    other = {"Entered": str(cast.deals["Cedar renewal"].pk)}
    assert len(names(client.get(LIST, headers=other))) == 50
