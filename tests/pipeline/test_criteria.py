"""What a stage asks before a deal goes on: required criteria refuse, others are named; the product looks for itself."""

from dataclasses import replace
from datetime import date

import pytest
from django.apps import apps

from accounts.models import Contact
from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from pipeline.models import Milestone, Opportunity, Question, Stakeholder, Tick
from pipeline.rules.sales_models import CriterionInput
from pipeline.rules.stages import stages_passed
from pipeline.selectors.criteria import asked_of, passed, qualification
from pipeline.services import (
    LineInput,
    answer_question,
    close_won,
    deal_for,
    edit_opportunity,
    move_stage,
    set_lines,
    tick_criterion,
)
from tests.pipeline.selling import asked, publish, put_servers, renamed, stages_now, with_criteria


def deal_in(cast, stage="Qualified"):
    """Acorn's deal, brought back to that stage."""
    deal = Opportunity.objects.get(pk=cast.deals["Acorn renewal"].pk)
    return move(cast.rep, deal, cast.stages[stage])


def move(person, deal, stage, **more):
    return move_stage(by=person.pk, opportunity_id=deal.pk, version=deal.version, stage_id=stage.pk, **more)


def asks(cast, acting, stage, *criteria, **more):
    with acting(cast.admin):
        publish(cast.admin, stages=with_criteria(stage, *criteria), **more)


def criterion(text):
    return next(one.id for stage in stages_now() for one in stage.criteria if one.text == text)


def tick(person, deal, text, version=0, is_met=True):
    return tick_criterion(
        by=person.pk, opportunity_id=deal.pk, criterion_id=criterion(text), version=version, is_met=is_met
    )


def refusal(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code, str(refused.value.message)


def test_a_required_criterion_refuses_by_its_name_until_it_is_ticked(cast, acting):
    asks(
        cast,
        acting,
        "Qualified",
        CriterionInput("Budget known", is_required=True),
        CriterionInput("Date known"),
    )
    with acting(cast.rep):
        deal = deal_in(cast)
        assert refusal(lambda: move(cast.rep, deal, cast.stages["Proposal"])) == (
            "criterion_missing",
            "Before Proposal this has to be true: Budget known (Qualified).",
        )
        tick(cast.rep, deal, "Budget known")
        left = deal.stage
        moved = move(cast.rep, deal, cast.stages["Proposal"])
        unmet = [one.criterion.text for one in passed(moved, left, moved.stage) if not one.is_met]
        assert (moved.stage.name, unmet) == ("Proposal", ["Date known"])


def test_who_skips_stages_is_asked_for_what_all_of_them_require(cast, acting):
    asks(cast, acting, "Qualified", CriterionInput("Budget known", is_required=True))
    with acting(cast.admin):
        publish(cast.admin, stages=with_criteria("Proposal", CriterionInput("Offer sent", is_required=True)))
    with acting(cast.rep):
        deal = deal_in(cast)
        code, text = refusal(lambda: move(cast.rep, deal, cast.stages["Negotiation"]))
        assert (code, "Budget known (Qualified); Offer sent (Proposal)" in text) == (
            "criterion_missing",
            True,
        )


def test_going_back_and_losing_ask_for_nothing_and_reopening_goes_on_from_where_it_was(cast, acting):
    asks(cast, acting, "Qualified", CriterionInput("Budget known", is_required=True))
    with acting(cast.rep):
        deal = move(cast.rep, deal_in(cast), cast.stages["Prospecting"])
        deal = move(cast.rep, deal, cast.stages["Qualified"])
        deal = move(cast.rep, deal, cast.stages["Lost"], lost_reason="Price")
        assert refusal(lambda: move(cast.rep, deal, cast.stages["Proposal"]))[0] == "criterion_missing"
        assert move(cast.rep, deal, cast.stages["Qualified"]).stage.name == "Qualified"


def test_winning_asks_for_what_the_way_to_it_requires(cast, acting):
    asks(cast, acting, "Negotiation", CriterionInput("Contract agreed", is_required=True))
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        assert refusal(lambda: move(cast.rep, deal, cast.stages["Won"]))[0] == "criterion_missing"
        row = deal_for("book", deal.pk)
        win = {"by": cast.rep.pk, "deal": row, "version": 1, "won_on": date(2026, 5, 20)}
        assert refusal(lambda: close_won(**win))[0] == "criterion_missing"
        tick(cast.rep, deal, "Contract agreed")
        close_won(**win)
        assert Opportunity.objects.get(pk=deal.pk).state == "won"


def met(deal):
    rows = asked_of(deal, [deal.stage_id])
    return {one.criterion.check_of: one.is_met for one in rows}


def test_the_product_looks_for_itself(cast, acting):
    put_servers(cast)
    checks = ("amount", "products", "next_step", "decider", "close_plan", "answers")
    wanted = [CriterionInput("", check) for check in checks]
    asks(cast, acting, "Negotiation", *wanted, questions=asked("Pain", "Champion"))
    with acting(cast.rep):
        deal = Opportunity.objects.select_related("stage").get(pk=cast.deals["Acorn renewal"].pk)
        assert met(deal) == {
            "amount": True, "products": True, "next_step": False, "decider": False, "close_plan": False,
            "answers": False,
        }  # fmt: skip
        contact = Contact.objects.create(account=cast.accounts["Acorn"], name="Ann Acorn")
        decider = Stakeholder.objects.create(opportunity=deal, contact=contact, role="decides")
        days = {"first_planned_on": date(2026, 6, 1), "planned_on": date(2026, 6, 1)}
        Milestone.objects.create(opportunity=deal, name="Sign", owner=cast.rep, **days)
        edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=1, next_step="Call")
        given = [LineInput(cast.products["Server"].pk, 1, 0)]
        set_lines(by=cast.rep.pk, opportunity_id=deal.pk, version=2, lines=given)
        for question in Question.objects.all():
            answer_question(
                by=cast.rep.pk, opportunity_id=deal.pk, question_id=question.pk, version=0, text="Yes",
                state="partly" if question.text == "Pain" else "confirmed",
            )  # fmt: skip
        deal = Opportunity.objects.select_related("stage").get(pk=deal.pk)
        assert met(deal) == {
            "amount": False, "products": True, "next_step": True, "decider": True, "close_plan": True,
            "answers": True,
        }  # fmt: skip
        Stakeholder.objects.change(decider.pk, 1, is_removed=True)
        deal.lines.all().update(is_removed=True)
        assert [met(deal)[check] for check in ("products", "decider")] == [False, False]
        found = qualification(deal)
        assert (found.confirmed, len(found.known)) == (1, 2)


def test_a_tick_has_a_version_and_is_for_who_may_edit(cast, acting):
    asks(cast, acting, "Qualified", CriterionInput("Budget known"), CriterionInput("", "amount"))
    with acting(cast.rep):
        deal = deal_in(cast)
        assert tick(cast.rep, deal, "Budget known").version == 1
        with pytest.raises(Stale):
            tick(cast.rep, deal, "Budget known", is_met=False)
        row = tick(cast.rep, deal, "Budget known", version=1, is_met=False)
        assert (row.version, row.is_met, Tick.objects.count()) == (2, False, 1)
        assert tick(cast.rep, deal, "Budget known", version=2, is_met=False).version == 2
        assert refusal(lambda: tick(cast.rep, deal, "There is an amount above zero"))[0] == "not_by_hand"
    with acting(cast.executive), pytest.raises(Forbidden):
        tick(cast.executive, deal, "Budget known", version=2)
    with acting(cast.peer), pytest.raises(NotInReach):
        tick(cast.peer, deal, "Budget known", version=2)
    with acting(cast.rep):
        move(cast.rep, deal, cast.stages["Lost"], lost_reason="Price")
        with pytest.raises(Conflict):
            tick(cast.rep, deal, "Budget known", version=2)


def test_an_answer_is_sure_only_with_words(cast, acting):
    with acting(cast.admin):
        publish(cast.admin, questions=asked("Pain"))
    deal = cast.deals["Acorn renewal"]

    def say(version, text, state):
        question = Question.objects.get().pk
        return answer_question(
            by=cast.rep.pk,
            opportunity_id=deal.pk,
            question_id=question,
            version=version,
            text=text,
            state=state,
        )

    with acting(cast.rep):
        assert refusal(lambda: say(0, " ", "confirmed"))[0] == "required"
        assert refusal(lambda: say(0, "x" * 2001, "partly"))[0] == "too_long"
        assert refusal(lambda: say(0, "x", "sure"))[0] == "unknown_state"
        assert say(0, "They lose a day a week", "partly").version == 1
        assert say(1, "They lose a day a week", "confirmed").state == "confirmed"
        with pytest.raises(Stale):
            say(1, "Nothing", "open")
    with acting(cast.rep):
        told = apps.get_model("pipeline.AnswerEvent")._default_manager.order_by("pgh_id")
        events = list(told.values_list("state", flat=True))
        assert events == ["partly", "confirmed"]


def test_what_another_model_asks_is_not_this_deals(cast, acting):
    with acting(cast.admin):
        publish(cast.admin, stages=with_criteria("Qualified", CriterionInput("Budget known")))
        gone = criterion("Budget known")
        publish(cast.admin, stages=with_criteria("Qualified"))
    with acting(cast.rep), pytest.raises(NotInReach):
        tick_criterion(
            by=cast.rep.pk,
            opportunity_id=cast.deals["Acorn renewal"].pk,
            criterion_id=gone,
            version=0,
            is_met=True,
        )


def test_the_stages_that_are_left_behind():
    assert list(stages_passed([1, 2, 3, 4], 2, 4)) == [2, 3]
    assert list(stages_passed([1, 2, 3, 4], 4, 2)) == []
    assert list(stages_passed([1, 2], 9, 2)) == []
    assert list(stages_passed([1, 2], 2, 2)) == []


def test_a_category_set_by_hand_survives_a_publish_and_a_move(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.rep):
        edit_opportunity(by=cast.rep.pk, opportunity_id=deal.pk, version=1, category="best_case")
    with acting(cast.admin):
        told = [
            replace(one, category="pipeline") if one.name == "Negotiation" else one for one in stages_now()
        ]
        publish(cast.admin, stages=told)
        publish(cast.admin, stages=renamed("Negotiation", "Closing"))
    with acting(cast.rep):
        row = Opportunity.objects.get(pk=deal.pk)
        assert (row.category, row.category_is_manual) == ("best_case", True)
        assert move(cast.rep, row, cast.stages["Qualified"]).category == "best_case"
