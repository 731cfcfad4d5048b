"""Owners hear of deals that came to them, and of theirs that somebody else changed."""

from datetime import date
from typing import Any

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity
from pipeline.services import (
    LineInput,
    add_to_team,
    create_opportunity,
    edit_opportunity,
    move_stage,
    set_lines,
)
from pipeline.services.plan_templates import PlanStepInput, create_plan_template, set_plan_template
from pipeline.services.plans import add_milestone, edit_milestone, lay_out_plan
from territories.selectors import reach_for
from tests.cast import Cast
from workspace.models import Message
from workspace.selectors.sentences import sentence


def told() -> list[tuple[str, str]]:
    with work(by=None, why="a test", reach=Reach.everything()):
        rows = Message.objects.order_by("id").select_related("person", "by")
        return [(row.person.name, sentence(row)) for row in rows]


def edit(person: Any, **changes: Any) -> Opportunity:
    deal = Opportunity.objects.get(name="Acorn renewal")
    return edit_opportunity(by=person.pk, opportunity_id=deal.pk, version=deal.version, **changes)


def test_a_deal_that_is_opened_for_somebody_comes_to_them(cast: Cast, acting: Any) -> None:
    values = {
        "account_id": cast.accounts["Acorn"].pk,
        "amount_minor": 100,
        "currency": "USD",
        "close_on": date(2026, 6, 1),
        "stage_id": cast.stages["Prospecting"].pk,
    }
    with acting(cast.manager):
        create_opportunity(by=cast.manager.pk, name="New", owner_id=cast.rep.pk, **values)
        create_opportunity(by=cast.manager.pk, name="Own", **values)
    assert told() == [("Rita Rep", "Mona Manager gave you the deal New.")]


def test_a_deal_that_is_handed_on_is_told_to_who_has_it_now_and_may_read_it(cast: Cast, acting: Any) -> None:
    with acting(cast.manager):
        edit(cast.manager, owner_id=cast.peer.pk, amount_minor=5)
    assert told() == [("Paul Peer", "Mona Manager gave you the deal Acorn renewal.")]
    deal = cast.deals["Acorn renewal"]
    with work(by=None, why="a test", reach=Reach.everything()):
        mine = reach_for(cast.peer, date(2026, 5, 20))
        assert Opportunity.objects.visible_to(mine).filter(pk=deal.pk).exists()
        assert Message.objects.get().url == f"/opportunities/{deal.pk}/"


def test_a_change_by_another_is_told_once_a_day_and_person(cast: Cast, acting: Any, clock: Any) -> None:
    with acting(cast.manager):
        edit(cast.manager, amount_minor=5)
        edit(cast.manager, close_on=date(2026, 6, 20))
    with acting(cast.director):
        edit(cast.director, category="omitted")
    clock.move_to("2026-05-21T15:00:00Z")
    with acting(cast.manager):
        edit(cast.manager, amount_minor=6)
    assert told() == [
        ("Rita Rep", "Mona Manager changed your deal Acorn renewal."),
        ("Rita Rep", "Dora Director changed your deal Acorn renewal."),
        ("Rita Rep", "Mona Manager changed your deal Acorn renewal."),
    ]


def test_a_deal_that_another_loses_is_told(cast: Cast, acting: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.manager):
        lost = {"stage_id": cast.stages["Lost"].pk, "lost_reason": "Price"}
        move_stage(by=cast.manager.pk, opportunity_id=deal.pk, version=deal.version, **lost)
    assert told() == [("Rita Rep", "Mona Manager changed your deal Acorn renewal.")]


def test_products_are_told_where_they_change_the_amount(cast: Cast, acting: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.manager):
        lines = [LineInput(cast.products["Server"].pk, 1, deal.amount_minor)]
        set_lines(by=cast.manager.pk, opportunity_id=deal.pk, version=1, lines=lines)
        assert Message.objects.count() == 0
        lines = [LineInput(cast.products["Server"].pk, 2, deal.amount_minor)]
        set_lines(by=cast.manager.pk, opportunity_id=deal.pk, version=2, lines=lines)
    assert told() == [("Rita Rep", "Mona Manager changed your deal Acorn renewal.")]


def test_neither_one_s_own_change_nor_a_next_step_is_told(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        edit(cast.rep, amount_minor=5)
    with acting(cast.manager):
        edit(cast.manager, next_step="Call them", name="Acorn renewal")
    assert told() == []


def test_who_is_added_to_a_team_is_told_and_can_open_the_deal(cast: Cast, acting: Any, browse: Any) -> None:
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        add_to_team(by=cast.rep.pk, opportunity_id=deal.pk, person_id=cast.peer.pk, role="Expert")
    assert told() == [("Paul Peer", "Rita Rep added you to the team of the deal Acorn renewal.")]
    page = browse(cast.peer).get("/inbox/").content.decode()
    assert "Rita Rep added you to the team of the deal Acorn renewal." in page
    assert browse(cast.peer).get(f"/opportunities/{deal.pk}/").status_code == 200


def test_a_milestone_is_told_to_whose_it_is_unless_they_planned_it(cast: Cast, acting: Any) -> None:
    deal, day = cast.deals["Acorn renewal"], date(2026, 6, 1)
    with acting(cast.rep):
        add_milestone(by=cast.rep.pk, opportunity_id=deal.pk, name="Offer", planned_on=day)
        known = {"by": cast.rep.pk, "opportunity_id": deal.pk, "planned_on": day}
        proof = add_milestone(name="Proof", owner_id=cast.peer.pk, **known)
    with acting(cast.manager):
        known = {"by": cast.manager.pk, "milestone_id": proof.pk}
        edit_milestone(version=1, name="Proof of value", **known)
        edit_milestone(version=2, owner_id=cast.rep.pk, **known)
        edit_milestone(version=3, owner_id=cast.manager.pk, **known)
    assert told() == [
        ("Paul Peer", "Rita Rep gave you the milestone Proof of the deal Acorn renewal."),
        ("Rita Rep", "Mona Manager gave you the milestone Proof of value of the deal Acorn renewal."),
    ]


def test_a_plan_that_somebody_lays_out_is_told_to_the_owner_in_one_message(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        made = create_plan_template(by=cast.admin.pk, name="Tender")
        steps = [PlanStepInput("Offer", 20), PlanStepInput("Signature", 0)]
        set_plan_template(by=cast.admin.pk, template_id=made.pk, version=1, name="Tender", steps=steps)
    with acting(cast.manager):
        deal = cast.deals["Acorn renewal"].pk
        lay_out_plan(by=cast.manager.pk, opportunity_id=deal, template_id=made.pk)
    assert told() == [("Rita Rep", "Mona Manager gave you 2 milestones of the deal Acorn renewal.")]
