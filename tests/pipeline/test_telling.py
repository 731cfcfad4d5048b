"""Owners hear of deals that came to them, and of theirs that somebody else changed."""

from datetime import date
from typing import Any

from common.access import Reach
from common.transaction import work
from pipeline.models import Opportunity
from pipeline.services import LineInput, create_opportunity, edit_opportunity, move_stage, set_lines
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
