"""Sales models: changed as a whole, every version kept, and no deal lost on the way."""

from dataclasses import replace
from datetime import date

import pytest

from common.errors import Conflict, Forbidden, Refused, Stale
from pipeline.models import ModelVersion, Opportunity, SalesModel, Stage, StageVisit
from pipeline.rules.sales_models import CriterionInput, QuestionInput, StageInput
from pipeline.services import (
    create_model,
    create_opportunity,
    make_usual,
    move_stage,
    publish_model,
    rename_model,
    retire_model,
    start_model,
)
from tests.pipeline.selling import ENDS, asked, publish, renamed, stages_now, usual, with_criteria, without
from tests.workspace.at_once import at_once


def names(model=None):
    return [stage.name for stage in stages_now(model)]


def small(cast, name="Small"):
    return create_model(
        by=cast.admin.pk, name=name, stages=[StageInput("New", "open", 20, "pipeline"), *ENDS]
    )


def test_a_model_is_changed_as_a_whole_and_its_version_kept(cast, acting):
    with acting(cast.admin):
        stages = renamed("Proposal", "Offer")
        new = StageInput("Trial", "open", 60, "best_case", 14, criteria=[CriterionInput("They tried it")])
        model = publish(cast.admin, stages=[*stages, new], questions=[QuestionInput("Pain", "What hurts")])
        assert names() == ["Prospecting", "Qualified", "Offer", "Negotiation", "Trial", "Won", "Lost"]
        assert (model.version, usual().version) == (2, 2)
        version = ModelVersion.objects.get(sales_model=model)
        assert (version.number, version.reason, version.by_id) == (1, "A better way", cast.admin.pk)
        kept = version.content["stages"][4]
        assert (kept["name"], kept["probability"], kept["stalled_after_days"]) == ("Trial", 60, 14)
        assert [row["text"] for row in kept["criteria"]] == ["They tried it"]
        assert [row["text"] for row in version.content["questions"]] == ["Pain"]
        assert Stage.objects.get(name="Offer").pk == cast.stages["Proposal"].pk


def test_two_stages_swap_their_names_and_places(cast, acting):
    with acting(cast.admin):
        first, second, *others = stages_now()
        swapped = [replace(second, name="Prospecting"), replace(first, name="Qualified")]
        publish(cast.admin, stages=[*swapped, *others])
        assert names()[:2] == ["Prospecting", "Qualified"]
        assert stages_now()[0].id == cast.stages["Qualified"].pk


def test_a_stage_with_open_deals_is_not_taken_out_until_it_is_said_where_they_go(cast, acting):
    with acting(cast.admin):
        for moves in ({}, {cast.stages["Negotiation"].pk: "Won"}, {cast.stages["Negotiation"].pk: "Nowhere"}):
            with pytest.raises(Refused) as refused:
                publish(cast.admin, stages=without("Negotiation"), moves=moves)
            assert (refused.value.code, refused.value.path) == ("stage_has_deals", "moves")
            assert "Negotiation: 3." in str(refused.value.message)
        assert len(names()) == 6


def test_deals_of_a_stage_that_is_taken_out_move_like_any_other(cast, acting):
    deal = cast.deals["Acorn renewal"]
    with acting(cast.admin):
        before = list(StageVisit.objects.order_by("pk").values_list("pk", "stage", "entered_on"))
        publish(cast.admin, stages=without("Negotiation"), moves={cast.stages["Negotiation"].pk: "Proposal"})
        deal.refresh_from_db()
        assert (deal.stage.name, deal.category, deal.stage_since_on, deal.version) == (
            "Proposal", "best_case", date(2026, 5, 20), 2,
        )  # fmt: skip
        visit = deal.visits.latest("pk")
        assert (visit.stage.name, visit.entered_on, visit.by_id) == (
            "Proposal", date(2026, 5, 20), cast.admin.pk,
        )  # fmt: skip
        assert not Opportunity.objects.filter(stage=cast.stages["Negotiation"]).exists()
        after = list(StageVisit.objects.order_by("pk").values_list("pk", "stage", "entered_on"))
        assert after[: len(before)] == before
        assert len(after) == len(before) + 3
    with acting(cast.rep):
        with pytest.raises(Refused) as refused:
            move_stage(
                by=cast.rep.pk, opportunity_id=deal.pk, version=2, stage_id=cast.stages["Negotiation"].pk
            )
        assert refused.value.code == "unknown_stage"


def test_a_new_stage_takes_the_deals_of_one_that_goes(cast, acting):
    with acting(cast.admin):
        stages = [*without("Negotiation"), StageInput("Closing", "open", 90, "commit")]
        publish(cast.admin, stages=stages, moves={cast.stages["Negotiation"].pk: "Closing"})
        assert Opportunity.objects.open().filter(stage__name="Closing").count() == 3


def test_deals_count_as_their_stage_says_now_but_for_those_set_by_hand(cast, acting):
    acorn, beech = cast.deals["Acorn renewal"], cast.deals["Beech renewal"]
    with acting(cast.admin):
        Opportunity.objects.change(beech.pk, beech.version, category_is_manual=True)
        stages = [
            replace(one, category="most_likely") if one.name == "Negotiation" else one for one in stages_now()
        ]
        publish(cast.admin, stages=stages)
        acorn.refresh_from_db()
        beech.refresh_from_db()
        assert (acorn.category, beech.category) == ("most_likely", "commit")
        assert acorn.visits.count() == 1


OPEN = StageInput("Open", "open", 20, "pipeline")
TWICE = [CriterionInput("a"), CriterionInput("A")]
UNKNOWN = [CriterionInput("a", "moon")]


@pytest.mark.parametrize(
    ("stages", "code", "path"),
    [
        ([OPEN], "one_won_stage", "stages"),
        ([OPEN, ENDS[0]], "one_lost_stage", "stages"),
        (list(ENDS), "no_open_stage", "stages"),
        ([OPEN, *ENDS, ENDS[0]], "twice", "stages.3.name"),
        ([OPEN, replace(OPEN, name="OPEN "), *ENDS], "twice", "stages.1.name"),
        ([replace(OPEN, name=" "), *ENDS], "required", "stages.0.name"),
        ([replace(OPEN, name="x" * 61), *ENDS], "too_long", "stages.0.name"),
        ([replace(OPEN, kind="maybe"), *ENDS], "unknown_kind", "stages.0.kind"),
        ([replace(OPEN, probability=101), *ENDS], "stage_probability", "stages.0.probability"),
        ([replace(OPEN, category="closed"), *ENDS], "unknown_category", "stages.0.category"),
        ([replace(OPEN, stalled_after_days=0), *ENDS], "stage_stalled_after", "stages.0.stalled_after_days"),
        ([OPEN, replace(ENDS[0], probability=99), ENDS[1]], "stage_ends", "stages.1.probability"),
        ([replace(OPEN, id=10**9), *ENDS], "unknown_stage", "stages"),
        ([replace(OPEN, criteria=[CriterionInput("")]), *ENDS], "required", "stages.0.criteria.0.text"),
        ([replace(OPEN, criteria=TWICE), *ENDS], "twice", "stages.0.criteria.1.text"),
        ([replace(OPEN, criteria=UNKNOWN), *ENDS], "unknown_check", "stages.0.criteria.0.check_of"),
        ([replace(OPEN, criteria=[CriterionInput("a", id=9)]), *ENDS], "unknown_row", "criterion"),
        ([replace(OPEN, name=f"S{n}") for n in range(19)] + list(ENDS), "too_many", "stages"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(cast, acting, stages, code, path):
    with acting(cast.admin):
        with pytest.raises(Refused) as refused:
            publish(cast.admin, stages=stages, moves={cast.stages["Negotiation"].pk: "Open"})
        assert (refused.value.code, refused.value.path) == (code, path)
        assert len(names()) == 6
        assert usual().version == 1


def test_a_stage_keeps_its_kind(cast, acting):
    with acting(cast.admin):
        stages = [
            replace(one, kind="won", probability=100, category="closed") if one.name == "Proposal" else one
            for one in without("Won")
        ]
        with pytest.raises(Refused) as refused:
            publish(cast.admin, stages=stages)
        assert refused.value.code == "kind_stays"


def test_nothing_is_published_where_nothing_differs_or_nothing_is_said(cast, acting):
    with acting(cast.admin):
        with pytest.raises(Refused) as refused:
            publish(cast.admin)
        assert refused.value.code == "nothing_changed"
        with pytest.raises(Refused) as refused:
            publish(cast.admin, stages=renamed("Proposal", "Offer"), reason=" ")
        assert refused.value.path == "reason"


def test_a_check_without_words_says_what_it_looks_at(cast, acting):
    with acting(cast.admin):
        publish(cast.admin, stages=with_criteria("Proposal", CriterionInput("", "products")))
        assert stages_now()[2].criteria[0].text == "There are products"


def test_only_administrators_change_sales_models(cast, acting):
    with acting(cast.director), pytest.raises(Forbidden):
        publish(cast.director, stages=renamed("Proposal", "Offer"))
    with acting(cast.rep), pytest.raises(Forbidden):
        start_model(by=cast.rep.pk, name="Mine", template="small")


def test_of_two_who_publish_at_once_one_is_told(cast, acting, ben):
    with acting(cast.admin):
        model, stages = usual(), stages_now()

    def try_it(person, name):
        try:
            with acting(person):
                told = [replace(one, name=name) if one.name == "Proposal" else one for one in stages]
                publish_model(
                    by=person.pk, model_id=model.pk, version=1, reason="mine", stages=told, questions=[]
                )
        except Stale as stale:
            return stale.code
        return name

    answers = at_once(lambda: try_it(cast.admin, "Offer"), lambda: try_it(ben, "Quote"))
    assert sorted(answer == "stale" for answer in answers) == [False, True]
    (published,) = [answer for answer in answers if answer != "stale"]
    with acting(cast.admin):
        assert published in names()
        assert [row.number for row in model.versions.all()] == [1]


def test_a_deal_that_is_on_its_way_into_a_stage_goes_along_or_is_refused(cast, acting):
    """Whoever comes first: afterwards the deal is in a stage that is offered."""
    deal, proposal = cast.deals["Acorn renewal"], cast.stages["Proposal"]

    def move():
        try:
            with acting(cast.rep):
                move_stage(by=cast.rep.pk, opportunity_id=deal.pk, version=1, stage_id=proposal.pk)
        except Refused as refused:
            return refused.code
        return ""

    def take_out():
        with acting(cast.admin):
            publish(cast.admin, stages=without("Proposal"), moves={proposal.pk: "Qualified"})
        return ""

    told, _published = at_once(move, take_out)
    with acting(cast.admin):
        stage = Opportunity.objects.get(pk=deal.pk).stage
        assert stage.position is not None
        assert stage.name == ("Negotiation" if told else "Qualified")


def test_a_model_starts_as_a_template_and_is_then_ones_own(cast, acting):
    with acting(cast.admin):
        model = start_model(by=cast.admin.pk, name="Enterprise", template="salesforce")
        told = [(stage.name, stage.probability) for stage in stages_now(model)]
        assert told == [
            ("Prospecting", 10),
            ("Qualification", 10),
            ("Needs Analysis", 20),
            ("Value Proposition", 50),
            ("Id. Decision Makers", 60),
            ("Perception Analysis", 70),
            ("Proposal/Price Quote", 75),
            ("Negotiation/Review", 90),
            ("Closed Won", 100),
            ("Closed Lost", 0),
        ]
        assert model.questions.count() == 8
        assert (model.is_usual, model.versions.get().number) == (False, 1)
        quick = start_model(by=cast.admin.pk, name="Small", template="small")
        assert [stage.stalled_after_days for stage in stages_now(quick)] == [2, 4, 7, 5, None, None]
        with pytest.raises(Refused) as refused:
            start_model(by=cast.admin.pk, name="Other", template="moon")
        assert refused.value.code == "unknown_template"


def test_a_copy_has_rows_of_its_own(cast, acting):
    with acting(cast.admin):
        publish(
            cast.admin,
            stages=with_criteria("Proposal", CriterionInput("Budget known", is_required=True)),
            questions=asked("Pain"),
        )
        copy = start_model(by=cast.admin.pk, name="Copy", model_id=usual().pk)
        assert names(copy) == names()
        assert {one.id for one in stages_now(copy)}.isdisjoint({one.id for one in stages_now()})
        assert [row.text for row in stages_now(copy)[2].criteria] == ["Budget known"]
        assert copy.questions.get().text == "Pain"


def test_a_name_stands_once(cast, acting):
    with acting(cast.admin):
        with pytest.raises(Refused) as refused:
            small(cast, "Standard")
        assert refused.value.path == "name"
        model = rename_model(
            by=cast.admin.pk, model_id=usual().pk, version=1, name=" Key accounts ", about="x"
        )
        assert (SalesModel.objects.get(pk=model.pk).name, usual().version) == ("Key accounts", 2)
        with pytest.raises(Stale):
            rename_model(by=cast.admin.pk, model_id=model.pk, version=1, name="Another")


def test_a_retired_model_takes_no_new_deals_and_those_in_it_go_on(cast, acting):
    with acting(cast.admin):
        other = small(cast)
        with pytest.raises(Conflict) as refused:
            retire_model(by=cast.admin.pk, model_id=usual().pk, version=1)
        assert refused.value.code == "model_usual"
        make_usual(by=cast.admin.pk, model_id=other.pk, version=1)
        standard = SalesModel.objects.get(name="Standard")
        assert (usual().name, standard.is_usual) == ("Small", False)
        retire_model(by=cast.admin.pk, model_id=standard.pk, version=standard.version)
        with pytest.raises(Conflict) as refused:
            make_usual(by=cast.admin.pk, model_id=standard.pk, version=standard.version + 1)
        assert refused.value.code == "model_retired"
    new = {"currency": "USD", "amount_minor": 1, "close_on": date(2026, 6, 1)}
    with acting(cast.rep):
        with pytest.raises(Refused) as closed:
            create_opportunity(
                by=cast.rep.pk, account_id=cast.accounts["Acorn"].pk, name="New", **new,
                stage_id=cast.stages["Proposal"].pk,
            )  # fmt: skip
        assert closed.value.code == "model_retired"
        deal = cast.deals["Acorn renewal"]
        move_stage(by=cast.rep.pk, opportunity_id=deal.pk, version=1, stage_id=cast.stages["Proposal"].pk)
        deal = Opportunity.objects.get(pk=deal.pk)
        first = Stage.objects.get(sales_model=other, name="New")
        deal = move_stage(by=cast.rep.pk, opportunity_id=deal.pk, version=2, stage_id=first.pk)
        assert deal.stage.sales_model_id == other.pk
        with pytest.raises(Refused) as gone:
            move_stage(by=cast.rep.pk, opportunity_id=deal.pk, version=3, stage_id=cast.stages["Proposal"].pk)
        assert gone.value.code == "model_retired"
    with acting(cast.admin):
        retire_model(by=cast.admin.pk, model_id=standard.pk, version=standard.version + 1, is_retired=False)
        assert not SalesModel.objects.get(pk=standard.pk).is_retired
