"""Many deals changed in one act: all or none, as an edit and a move of each would, with the history of each."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.errors import Conflict, Forbidden, ManyRefused, NotInReach, Refused, Stale
from pipeline.models import Activity, Opportunity
from pipeline.rules.sales_models import CriterionInput
from pipeline.selectors.history import history
from pipeline.services import change_opportunities, move_stage
from tests.pipeline.selling import publish, put_servers, with_criteria
from tests.pipeline.test_opportunity_list import many
from workspace.models import Message


def change(person, *changes, **more):
    return change_opportunities(by=person.pk, changes=list(changes), **more)


def both(cast, **new):
    return [
        (cast.deals[name].pk, cast.deals[name].version, new) for name in ("Acorn renewal", "Beech renewal")
    ]


def faults(refusal):
    return [(place, type(fault), fault.path) for place, fault in refusal.value.faults]


def test_each_changes_as_alone_and_keeps_its_history(cast, acting):
    with acting(cast.manager):
        done = change(
            cast.manager,
            *both(cast, close_on=date(2026, 7, 1), stage_id=cast.stages["Proposal"].pk, next_step="Call"),
            reason="New plan",
        )
    assert [deal.name for deal in done] == ["Acorn renewal", "Beech renewal"]
    for deal in done:
        assert (deal.version, deal.pushes, deal.close_on) == (2, 1, date(2026, 7, 1))
        assert (deal.stage.name, deal.category, deal.next_step) == ("Proposal", "best_case", "Call")
        with acting(cast.manager):
            assert deal.visits.count() == 2
            told = [entry for entry in history(deal) if "Jul" in entry.after]
            assert [entry.by for entry in told] == ["Mona Manager"]


def test_a_category_by_hand_stays_when_the_stage_goes_on(cast, acting):
    with acting(cast.manager):
        stage = cast.stages["Prospecting"].pk
        done = change(cast.manager, *both(cast, category="omitted", stage_id=stage))
        assert {(deal.category, deal.category_is_manual) for deal in done} == {("omitted", True)}
        again = [(deal.pk, deal.version, {"category": ""}) for deal in done]
        assert {deal.category for deal in change(cast.manager, *again)} == {"pipeline"}


def test_one_that_refuses_leaves_all_as_they_were_and_is_named_with_every_other(cast, acting):
    acorn, beech = cast.deals["Acorn renewal"], cast.deals["Beech renewal"]
    with acting(cast.manager), pytest.raises(ManyRefused) as refusal:
        change(
            cast.manager,
            (acorn.pk, acorn.version, {"close_on": date(2026, 7, 1)}),
            (beech.pk, 7, {"close_on": date(2026, 7, 1)}),
            (cast.deals["Cedar renewal"].pk, 1, {"close_on": date(2026, 7, 1)}),
        )
    assert faults(refusal) == [(1, Stale, ""), (2, NotInReach, "")]
    with acting(cast.manager):
        assert Opportunity.objects.get(pk=acorn.pk).close_on == date(2026, 6, 15)


@pytest.mark.parametrize(
    ("new", "path"),
    [
        ({"amount_minor": -1}, "amount_minor"),
        ({"close_on": None}, "close_on"),
        ({"currency": "EUR"}, "currency"),
        ({"colour": "red"}, "colour"),
        ({"stage_id": 999_999}, "stage_id"),
        ({"stage_id": "Won"}, "stage_id"),
        ({"stage_id": "Lost"}, "lost_reason"),
    ],
)
def test_what_an_edit_or_a_move_refuses_is_refused(cast, acting, new, path):
    for name in ("Acorn renewal", "Beech renewal"):
        put_servers(cast, name)
    named = {name: cast.stages[value].pk if value in cast.stages else value for name, value in new.items()}
    with acting(cast.manager), pytest.raises(ManyRefused) as refusal:
        change(cast.manager, *both(cast, **named))
    assert [(place, where) for place, _kind, where in faults(refusal)] == [(0, path), (1, path)]


def test_an_amount_that_products_do_not_come_to_is_refused_and_nothing_is_changed(cast, acting):
    put_servers(cast, "Beech renewal")
    with acting(cast.manager):
        with pytest.raises(ManyRefused) as refusal:
            change(cast.manager, *both(cast, amount_minor=5_000_00))
        ((place, fault),) = refusal.value.faults
        assert (place, fault.path, fault.code) == (1, "amount_minor", "amount_of_products")
        assert {deal.amount_minor for deal in Opportunity.objects.all()} == {10_000_001, 10_000_002}
        done = change(cast.manager, *both(cast, amount_minor=100_000_00))
    assert [deal.amount_minor for deal in done] == [100_000_00, 100_000_00]


def test_losing_asks_for_the_reason_and_closes(cast, acting):
    with acting(cast.manager):
        done = change(cast.manager, *both(cast, stage_id=cast.stages["Lost"].pk, lost_reason="Price"))
    assert {(deal.state, deal.lost_reason, deal.closed_on) for deal in done} == {
        ("lost", "Price", date(2026, 5, 20))
    }


def test_a_closed_deal_is_not_changed(cast, acting):
    deal = cast.deals["Acorn renewal"]
    lost = {"stage_id": cast.stages["Lost"].pk, "lost_reason": "Price"}
    with acting(cast.rep):
        move_stage(by=cast.rep.pk, opportunity_id=deal.pk, version=1, **lost)
        with pytest.raises(ManyRefused) as refusal:
            change(cast.rep, (deal.pk, 2, {"next_step": "Call"}))
    assert faults(refusal) == [(0, Conflict, "")]


def test_a_required_criterion_keeps_those_back_that_do_not_meet_it(cast, acting):
    with acting(cast.admin):
        agreed = CriterionInput("A next step", "next_step", is_required=True)
        publish(cast.admin, stages=with_criteria("Negotiation", agreed))
    acorn, beech = cast.deals["Acorn renewal"], cast.deals["Beech renewal"]
    won = cast.stages["Won"].pk
    with acting(cast.manager), pytest.raises(ManyRefused) as refusal:
        change(
            cast.manager,
            (acorn.pk, 1, {"stage_id": won}),
            (beech.pk, 1, {"stage_id": won, "next_step": "Sign"}),
        )
    assert [(place, fault.code) for place, fault in refusal.value.faults] == [
        (0, "criterion_missing"),
        (1, "win_by_booking"),
    ]


def test_who_only_reads_changes_nothing(cast, acting):
    for person in (cast.executive, cast.coordinator):
        with acting(person), pytest.raises(ManyRefused) as refusal:
            change(person, *both(cast, next_step="Mine"))
        assert [kind for _place, kind, _path in faults(refusal)] == [Forbidden, Forbidden]


def test_a_new_owner_gets_the_work_and_both_are_told_once(cast, acting):
    acorn = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        Activity.objects.create(
            kind="task", subject="Send offer", owner=cast.rep, opportunity=acorn, account=acorn.account,
            territory=acorn.territory, due_on=date(2026, 5, 22),
        )  # fmt: skip
    many(cast, 2)
    with acting(cast.manager):
        rows = Opportunity.objects.filter(owner=cast.rep)
        moves = [(deal.pk, deal.version, {"owner_id": cast.peer.pk}) for deal in rows]
        assert len(moves) == 3
        change(cast.manager, *moves, reason="Rita leaves", with_activities=True)
        assert Opportunity.objects.filter(owner=cast.peer).count() == 4
        assert Activity.objects.get(subject="Send offer").owner == cast.peer
    for person, text in ((cast.peer, "deal_came"), (cast.rep, "deal_changed")):
        with acting(person):
            news = Message.objects.filter(person=person)
            assert [(one.event, one.count) for one in news] == [(text, 3)]


def test_a_new_owner_asks_for_the_reason(cast, acting):
    peer = {"owner_id": cast.peer.pk}
    acorn, beech = cast.deals["Acorn renewal"], cast.deals["Beech renewal"]
    with acting(cast.manager), pytest.raises(ManyRefused) as refusal:
        change(cast.manager, (acorn.pk, 1, peer), (beech.pk, 1, peer), reason="  ")
    assert [(place, one.path, one.code) for place, one in refusal.value.faults] == [
        (0, "owner_id", "reason_needed")  # the other one is theirs already
    ]


def test_a_deal_that_moved_while_its_lock_was_waited_for_is_not_lost(cast, acting):
    """The lock joins no stage: after the wait the row is found again whatever stage it is in, and is stale."""
    with acting(cast.rep), CaptureQueriesContext(connection) as asked:
        change(cast.rep, (cast.deals["Acorn renewal"].pk, 1, {"next_step": "Call"}))
    (held,) = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"] and "next_step" in one["sql"]]
    assert "pipeline_stage" not in held


def test_nothing_new_keeps_the_version(cast, acting):
    with acting(cast.manager):
        done = change(cast.manager, *both(cast, close_on=date(2026, 6, 15)))
        assert [deal.version for deal in done] == [1, 1]


def test_no_deal_is_named_twice(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep), pytest.raises(Refused, match="twice"):
        change(cast.rep, (deal.pk, 1, {}), (deal.pk, 1, {}))


@pytest.mark.parametrize("stage", ["Proposal", "Lost"])
def test_as_many_statements_for_hundreds_as_for_ten(cast, acting, stage):
    many(cast, 310)
    counts = []
    lost = {"lost_reason": "Price", "lost_to": "Rival"} if stage == "Lost" else {}
    for number, day in ((10, date(2026, 7, 2)), (300, date(2026, 7, 3))):
        with acting(cast.rep):
            rows = list(Opportunity.objects.filter(name__startswith="Deal", stage=cast.stages["Qualified"]))
            new = {"close_on": day, "stage_id": cast.stages[stage].pk, **lost}
            with CaptureQueriesContext(connection) as asked:
                change(cast.rep, *((deal.pk, deal.version, new) for deal in rows[:number]))
        counts.append(len(asked))
    assert counts[0] == counts[1]
