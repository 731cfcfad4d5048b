"""What is known of a deal: criteria ticked, questions answered."""

from typing import Any

from django.utils.translation import gettext as _

from common.access import found
from common.checks import note_of
from common.errors import Refused, Stale
from common.transaction import act
from pipeline.models import Answer, Criterion, Opportunity, Question, Tick
from pipeline.services.checks import check_choice, hold_deal

MOST_ANSWER = 2_000


@act
def tick_criterion(*, by: int, opportunity_id: int, criterion_id: int, version: int, is_met: bool) -> Tick:
    """Say that a criterion of the deal's sales model is met, or that it is not. `version`: 0 where nobody did yet.

    Whoever may edit the deal, while it is open. Raises Stale, NotInReach, Refused for what the product looks at itself.
    """
    deal = hold_deal(opportunity_id)
    asked = Criterion.objects.filter(stage__sales_model=deal.stage.sales_model_id, position__isnull=False)
    criterion: Criterion = found(asked.filter(pk=criterion_id).first())
    if criterion.check_of:
        message = _("“%(criterion)s” is looked at on the deal itself: enter it there.")
        raise Refused(message % {"criterion": criterion.text}, path="criterion_id", code="not_by_hand")
    tick: Tick = _kept(Tick, deal, {"criterion": criterion}, version, is_met=is_met)
    return tick


@act
def answer_question(
    *, by: int, opportunity_id: int, question_id: int, version: int, text: str, state: str
) -> Answer:
    """Write what is known to a question of the deal's sales model, and how sure it is. `version`: 0 for the first time.

    Whoever may edit the deal, while it is open. Raises Stale, NotInReach, Refused for an answer without words that is
    said to be sure.
    """
    deal = hold_deal(opportunity_id)
    asked = Question.objects.filter(sales_model=deal.stage.sales_model_id, position__isnull=False)
    question: Question = found(asked.filter(pk=question_id).first())
    check_choice(state, "state", Answer.State.values)
    text = note_of(text, "text", MOST_ANSWER, is_long=True)
    if state != Answer.State.OPEN and not text:
        raise Refused(_("Say what is known, or leave it open."), path="text", code="required")
    answer: Answer = _kept(Answer, deal, {"question": question}, version, text=text, state=state)
    return answer


def _kept(
    model: type[Any], deal: Opportunity, about: dict[str, Criterion | Question], version: int, **values: Any
) -> Any:
    """The row about something on the deal, as it is now. Raises Stale where it is not at `version`."""
    row = model.objects.filter(opportunity=deal, **about).first()
    if (row.version if row else 0) != version:
        raise Stale()
    if row is None:
        return model.objects.create(opportunity=deal, **about, **values)
    if any(getattr(row, name) != value for name, value in values.items()):
        model.objects.change(row.pk, version, **values)
        row.refresh_from_db()
    return row
