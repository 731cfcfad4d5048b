"""How well a deal is qualified, on its page: ticked in place, answered in the dialog, told who was late."""

from typing import Any

import pytest
from django.urls import reverse

from pipeline.models import Answer, Question, Tick
from pipeline.rules.sales_models import CriterionInput
from tests.cast import Cast
from tests.pipeline.selling import asked, publish, stages_now, with_criteria
from tests.salesops.conftest import plain


@pytest.fixture
def criterion(cast: Cast, acting: Any) -> int:
    """The budget, which Negotiation asks for; the model also asks for the pain and the champion."""
    with acting(cast.admin):
        wanted = with_criteria("Negotiation", CriterionInput("Budget known", is_required=True))
        publish(cast.admin, stages=wanted, questions=asked("Pain", "Champion"))
        return next(int(one.id or 0) for stage in stages_now() for one in stage.criteria)


def of(cast: Cast, name: str, *more: int) -> str:
    return reverse(name, args=[cast.deals["Acorn renewal"].pk, *more])


def test_the_page_says_how_well_a_deal_is_qualified(cast: Cast, browse: Any, criterion: int) -> None:
    page = plain(browse(cast.rep).get(of(cast, "opportunity_detail")))
    assert "Qualification 0 of 2 confirmed · 0 of 1 criteria met" in page
    assert "Budget known before Negotiation is left · required not met Tick Budget known" in page
    assert "Tick Budget known" not in plain(browse(cast.executive).get(of(cast, "opportunity_detail")))


def test_a_tick_answers_with_the_panel(cast: Cast, acting: Any, browse: Any, criterion: int) -> None:
    client, url = browse(cast.rep), of(cast, "criterion_tick", criterion)
    headers = {"HX-Request": "true", "HX-Target": "qualification"}
    answer = client.post(url, {"version": "0", "is_met": "1"}, headers=headers)
    assert answer.status_code == 200
    assert "1 of 1 criteria met" in plain(answer)
    assert "Take the tick away" in plain(answer)
    late = client.post(url, {"version": "0", "is_met": "1"}, headers=headers)
    assert (late.status_code, "Somebody else was faster." in plain(late)) == (412, True)
    assert client.post(url, {"version": "1"}).status_code == 302
    with acting(cast.rep):
        assert not Tick.objects.get().is_met
    assert "Somebody else was faster." in plain(client.post(url, {"version": "7"}, follow=True))
    assert browse(cast.executive).post(url, {"version": "2"}, headers=headers).status_code == 403
    assert browse(cast.peer).post(url, {"version": "2"}).status_code == 404


def test_a_question_is_answered_and_keeps_its_history(
    cast: Cast, acting: Any, browse: Any, criterion: int
) -> None:
    with acting(cast.rep):
        question = Question.objects.get(text="Pain").pk
    client, url = browse(cast.rep), of(cast, "question_answer", question)
    assert client.post(url, {"version": "0", "state": "confirmed", "text": ""}).status_code == 422
    page = plain(client.post(url, {"version": "0", "state": "confirmed", "text": "Costs"}, follow=True))
    assert "1 of 2 confirmed" in page
    assert client.post(url, {"version": "0", "state": "open", "text": "Late"}).status_code == 412
    client.post(url, {"version": "1", "state": "partly", "text": "Costs"})
    assert "How sure: confirmed → partly" in plain(client.get(url))
    with acting(cast.rep):
        assert Answer.objects.get().state == "partly"
    assert client.get(of(cast, "question_answer", 999_999)).status_code == 404


def test_a_move_that_is_refused_names_what_is_missing(cast: Cast, browse: Any, criterion: int) -> None:
    form = {"stage": cast.stages["Won"].pk, "version": "1"}
    answer = browse(cast.rep).post(of(cast, "opportunity_move"), form)
    assert answer.status_code == 422
    assert "Before Won this has to be true: Budget known (Negotiation)." in plain(answer)


def test_a_move_names_what_it_went_on_without(cast: Cast, acting: Any, browse: Any) -> None:
    with acting(cast.admin):
        publish(cast.admin, stages=with_criteria("Proposal", CriterionInput("Date known")))
    client, url = browse(cast.rep), of(cast, "opportunity_move")
    client.post(url, {"stage": cast.stages["Proposal"].pk, "version": "1"})
    page = client.post(url, {"stage": cast.stages["Negotiation"].pk, "version": "2"}, follow=True)
    assert "Acorn renewal went on without: Date known." in plain(page)
    client.post(url, {"stage": cast.stages["Proposal"].pk, "version": "3"})
    headers = {"HX-Request": "true", "HX-Target": f"card-{cast.deals['Acorn renewal'].pk}"}
    card = client.post(url, {"stage": cast.stages["Negotiation"].pk, "version": "4"}, headers=headers)
    assert "went on without: Date known." in card["HX-Trigger"]
