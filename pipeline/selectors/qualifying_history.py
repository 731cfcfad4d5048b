"""The history of what is known of a deal: criteria that were ticked, questions that were answered."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from common.history import Change, actor_of, names_of, people_of
from common.locale import UNDEFINED
from pipeline.models import Answer, Criterion, Opportunity, Question

SHOWN = 120
"""So many letters of an answer stand in a line of the history."""


def ticks(deal: Opportunity, most: int | None) -> Iterator[Change]:
    """Which exit criteria were ticked on the deal, and which not any more."""
    events = _events("Tick", deal, most)
    people, criteria = people_of(events), names_of(Criterion, {event.criterion_id for event in events})
    for event in events:
        said = _("Ticked: %(criterion)s") if event.is_met else _("Not ticked any more: %(criterion)s")
        text = said % {"criterion": criteria.get(event.criterion_id, UNDEFINED)}
        yield Change(**actor_of(event, people), text=text)


def answers(deal: Opportunity, most: int | None) -> Iterator[Change]:
    """What was answered to which question, and what stood there before."""
    events = _events("Answer", deal, most)
    people, questions = people_of(events), names_of(Question, {event.question_id for event in events})
    before: dict[int, str] = {}
    for event in events:
        after = _said(event)
        name = questions.get(event.question_id, UNDEFINED)
        was = before.get(event.pgh_obj_id, UNDEFINED)
        yield Change(**actor_of(event, people), field=name, before=was, after=after)
        before[event.pgh_obj_id] = after


def _events(name: str, deal: Opportunity, most: int | None) -> list[Any]:
    """The last changes of a deal's rows of a kind, oldest first; with `most` None all of them."""
    rows = apps.get_model(f"pipeline.{name}Event")._default_manager.filter(opportunity_id=deal.pk)
    return list(reversed(rows.order_by("-pgh_id")[:most]))


def _said(event: Any) -> str:
    state = str(Answer.State(event.state).label)
    return f"{Truncator(event.text).chars(SHOWN)} ({state})" if event.text else state
