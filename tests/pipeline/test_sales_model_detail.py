"""A sales model as one form: rows that go up and down, a review before anything is published, and a reason."""

from typing import Any

import pytest
from django.urls import reverse

from pipeline.forms.sales_models import changed, draft_of, flat, read_draft
from pipeline.models import Opportunity, SalesModel
from pipeline.rules.sales_models import CriterionInput
from pipeline.selectors.sales_models import definition_of
from tests.cast import Cast
from tests.pipeline.selling import publish, renamed, stages_now, usual, with_criteria
from tests.salesops.conftest import plain


@pytest.fixture
def model(cast: Cast, acting: Any) -> SalesModel:
    with acting(cast.admin):
        return usual()


def address(model: SalesModel) -> str:
    return reverse("sales_model_detail", args=[model.pk])


def typed(cast: Cast, acting: Any, model: SalesModel, **more: str) -> dict[str, str]:
    """The form as the page fills it."""
    with acting(cast.admin):
        now = SalesModel.objects.get(pk=model.pk)
        return {**flat(draft_of(*definition_of(now))), "version": str(now.version), **more}


def names(cast: Cast, acting: Any) -> list[str]:
    with acting(cast.admin):
        return [stage.name for stage in stages_now()]


def test_the_page_is_filled_with_the_stages(cast: Cast, acting: Any, browse: Any, model: SalesModel) -> None:
    page = browse(cast.admin).get(address(model)).content.decode()
    places = [
        page.index(f'value="{name}"') for name in ("Prospecting", "Qualified", "Proposal", "Won", "Lost")
    ]
    assert places == sorted(places)
    assert "Deals that are won end here: 100 percent, Closed." in page
    assert page.count('value="up:stages.') == 4


@pytest.mark.parametrize(
    ("do", "order"),
    [
        ("up:stages.1", ["Qualified", "Prospecting", "Proposal", "Negotiation", "Won", "Lost"]),
        ("down:stages.0", ["Qualified", "Prospecting", "Proposal", "Negotiation", "Won", "Lost"]),
        ("up:stages.0", ["Prospecting", "Qualified", "Proposal", "Negotiation", "Won", "Lost"]),
        ("down:stages.3", ["Prospecting", "Qualified", "Proposal", "Negotiation", "Won", "Lost"]),
        ("remove:stages.2", ["Prospecting", "Qualified", "Negotiation", "Won", "Lost"]),
        ("add:stages", ["Prospecting", "Qualified", "Proposal", "Negotiation", "", "Won", "Lost"]),
        ("remove:stages.99", ["Prospecting", "Qualified", "Proposal", "Negotiation", "Won", "Lost"]),
        ("add:moon", ["Prospecting", "Qualified", "Proposal", "Negotiation", "Won", "Lost"]),
        ("up:", ["Prospecting", "Qualified", "Proposal", "Negotiation", "Won", "Lost"]),
    ],
)
def test_a_button_of_a_row_changes_the_form_and_nothing_else(
    cast: Cast, acting: Any, browse: Any, model: SalesModel, do: str, order: list[str]
) -> None:
    answer = browse(cast.admin).post(address(model), typed(cast, acting, model, do=do))
    assert answer.status_code == 200
    assert [row["name"].value() or "" for row in answer.context["form"].stages] == order
    assert len(names(cast, acting)) == 6


def test_criteria_and_questions_are_added_moved_and_removed(
    cast: Cast, acting: Any, browse: Any, model: SalesModel
) -> None:
    with acting(cast.admin):
        wanted = with_criteria("Proposal", CriterionInput("Budget"), CriterionInput("Date"))
        publish(cast.admin, stages=wanted)
    client = browse(cast.admin)
    answer = client.post(address(model), typed(cast, acting, model, do="up:stages.2.criteria.1"))
    criteria = answer.context["form"].stages[2].criteria
    assert [row["text"].value() for row in criteria] == ["Date", "Budget"]
    answer = client.post(address(model), typed(cast, acting, model, do="remove:stages.2.criteria.0"))
    assert [row["text"].value() for row in answer.context["form"].stages[2].criteria] == ["Date"]
    answer = client.post(address(model), typed(cast, acting, model, do="add:stages.2.criteria"))
    assert answer.content.decode().count("autofocus") == 1
    answer = client.post(address(model), typed(cast, acting, model, do="add:questions"))
    assert len(answer.context["form"].questions) == 1


def test_the_review_shows_what_changes_and_publishes_with_a_reason(
    cast: Cast, acting: Any, browse: Any, model: SalesModel
) -> None:
    client = browse(cast.admin)
    form = typed(cast, acting, model, do="review") | {
        "stages-2-name": "Offer",
        "stages-3-category": "most_likely",
    }
    review = plain(client.post(address(model), form))
    assert "Stage Offer, name Proposal → Offer" in review
    assert "Stage Negotiation, forecast category Commit → Most Likely" in review
    assert "3 open opportunities are touched." in review
    assert names(cast, acting)[2] == "Proposal"
    refused = client.post(address(model), form | {"do": "publish"})
    assert (refused.status_code, "Say why it changes." in plain(refused)) == (422, True)
    done = client.post(address(model), form | {"do": "publish", "reason": "Our new way"}, follow=True)
    assert "Standard is published." in plain(done)
    assert names(cast, acting)[2] == "Offer"
    versions = plain(client.get(reverse("sales_model_versions", args=[model.pk])))
    assert "Version 1 Our new way · Ada Admin" in versions


def test_deals_of_a_stage_that_goes_are_asked_for(
    cast: Cast, acting: Any, browse: Any, model: SalesModel
) -> None:
    client = browse(cast.admin)
    taken_out = client.post(address(model), typed(cast, acting, model, do="remove:stages.3")).context["form"]
    form = dict(taken_out.hidden()) | {"version": "1", "reason": "Shorter", "do": "review"}
    assert "To which stage do the 3 open opportunities of Negotiation go?" in plain(
        client.post(address(model), form)
    )
    form["do"] = "publish"
    refused = client.post(address(model), form)
    assert (refused.status_code, "Open deals are still in Negotiation: 3." in plain(refused)) == (422, True)
    moves = {f"moves-{cast.stages['Negotiation'].pk}": "Proposal"}
    assert client.post(address(model), form | moves).status_code == 302
    with acting(cast.admin):
        assert Opportunity.objects.open().filter(stage__name="Proposal").count() == 3


def test_faults_stand_at_their_rows(cast: Cast, acting: Any, browse: Any, model: SalesModel) -> None:
    client, form = browse(cast.admin), typed(cast, acting, model, do="review")
    for wrong, said in (
        ({"stages-0-name": ""}, "This field is required."),
        ({"stages-0-probability": "x"}, "whole number"),
        ({"stages-0-probability": ""}, "Say how many percent of deals here are won."),
        ({"stages-0-name": "Qualified"}, "“Qualified” stands twice. Call one of them otherwise."),
        ({"stages-0-criteria-count": "1"}, "Write what has to be true, or remove the row."),
        ({"questions-count": "1"}, "This field is required."),
    ):
        answer = client.post(address(model), form | wrong)
        assert (answer.status_code, said in plain(answer)) == (422, True), wrong


def test_who_is_late_sees_what_would_change_now(
    cast: Cast, acting: Any, browse: Any, model: SalesModel
) -> None:
    client, form = browse(cast.admin), typed(cast, acting, model, do="publish", reason="Mine")
    form["stages-2-name"] = "Offer"
    with acting(cast.admin):
        publish(cast.admin, stages=renamed("Qualified", "Discovery"))
    late = client.post(address(model), form)
    text = plain(late)
    assert late.status_code == 412
    assert "Somebody else changed this after you opened it." in text
    assert "Stage Qualified, name Discovery → Qualified" in text
    assert late.context["form"]["version"].value() == "2"


def test_the_way_back_keeps_what_was_typed(cast: Cast, acting: Any, browse: Any, model: SalesModel) -> None:
    form = typed(cast, acting, model, do="back", reason="Mine") | {"stages-2-name": "Offer"}
    answer = browse(cast.admin).post(address(model), form)
    assert answer.context["form"].stages[2]["name"].value() == "Offer"


def test_a_draft_is_read_as_it_was_sent() -> None:
    stage = {"key": "7", "name": "New", "kind": "open", "probability": "5", "category": "pipeline"}
    draft = {
        "stages": [{**stage, "stalled_after_days": "", "criteria": []}],
        "questions": [{"key": "n1", "text": "Pain", "help": ""}],
    }
    assert read_draft(flat(draft)) == draft
    assert read_draft({"stages-count": "99999999", "questions-count": "x"}) == {"stages": [], "questions": []}
    assert len(changed(draft, "add:stages.0.criteria")["stages"][0]["criteria"]) == 1
