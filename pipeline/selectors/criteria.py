"""How well a deal is qualified: what its way asks for, what of it is true, and the answers to its model's questions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from pipeline.models import (
    Answer,
    Criterion,
    Milestone,
    Opportunity,
    OpportunityLine,
    Question,
    Stage,
    Stakeholder,
    Tick,
)
from pipeline.rules.stages import stages_passed

Check = Criterion.Check


@dataclass(frozen=True)
class Asked:
    """A criterion and whether it is met on a deal; `version` is that of its tick, 0 where nobody ticked it yet."""

    criterion: Criterion
    is_met: bool
    version: int = 0

    @property
    def is_by_hand(self) -> bool:
        return not self.criterion.check_of


@dataclass(frozen=True)
class Known:
    """A question of the deal's model with its answer; without one `answer` has the version 0."""

    question: Question
    answer: Answer
    version: int = 0


def passed(deal: Opportunity, left: Stage, entered: Stage) -> list[Asked]:
    """The criteria of the stages that the deal leaves behind it from one stage to another, none on any other way."""
    return passed_each([(deal, left, entered)]).get(deal.pk, [])


def passed_each(moves: Iterable[tuple[Opportunity, Stage, Stage]]) -> dict[int, list[Asked]]:
    """By deal: what `passed` says of each move, as many statements for thousands on one way as for one."""
    on_way: dict[tuple[Stage, Stage], list[Opportunity]] = defaultdict(list)
    for deal, left, entered in moves:
        if entered.kind != Stage.Kind.LOST and left.sales_model_id == entered.sales_model_id:
            on_way[left, entered].append(deal)
    found: dict[int, list[Asked]] = {}
    for (left, entered), deals in on_way.items():
        found |= _looked_at(deals, _criteria_of(_between(left, entered)))
    return found


def _between(left: Stage, entered: Stage) -> Collection[int]:
    way = Stage.objects.offered().filter(sales_model=left.sales_model_id).exclude(kind=Stage.Kind.LOST)
    order = list(way.order_by("position").values_list("pk", flat=True))
    return stages_passed(order, left.pk, entered.pk)


def asked_of(deal: Opportunity, stage_ids: Collection[int]) -> list[Asked]:
    """The criteria of these stages, each with whether the deal meets it now."""
    return _looked_at([deal], _criteria_of(stage_ids)).get(deal.pk, [])


def _criteria_of(stage_ids: Collection[int]) -> QuerySet[Criterion]:
    rows = Criterion.objects.filter(stage__in=stage_ids, position__isnull=False)
    return rows if stage_ids else rows.none()


def _looked_at(deals: Sequence[Opportunity], rows: QuerySet[Criterion]) -> dict[int, list[Asked]]:
    criteria = list(rows.select_related("stage").order_by("stage__position", "position"))
    if not criteria:
        return {}
    ticks = {
        (row.opportunity_id, row.criterion_id): row for row in Tick.objects.filter(opportunity__in=deals)
    }
    true = _true_of(deals, {row.check_of for row in criteria})
    return {
        deal.pk: [_asked(row, ticks.get((deal.pk, row.pk)), true[deal.pk]) for row in criteria]
        for deal in deals
    }


def _asked(row: Criterion, tick: Tick | None, true: Collection[str]) -> Asked:
    if row.check_of:
        return Asked(row, row.check_of in true)
    return Asked(row, tick.is_met, tick.version) if tick else Asked(row, is_met=False)


def _true_of(deals: Sequence[Opportunity], asked: Iterable[str]) -> dict[int, set[str]]:
    """By deal: which of the product's own checks hold for it."""
    around = _checks_around()
    wanted = [name for name in asked if name in around]
    true = {deal.pk: {name for name, holds in _own_checks(deal).items() if holds} for deal in deals}
    if wanted:
        rows = Opportunity.objects.filter(pk__in=[deal.pk for deal in deals])
        rows = rows.annotate(**{f"has_{name}": around[name] for name in wanted})
        for pk, *held in rows.values_list("pk", *(f"has_{name}" for name in wanted)):
            true[pk] |= {name for name, holds in zip(wanted, held, strict=True) if holds}
    return true


def _own_checks(deal: Opportunity) -> dict[str, bool]:
    return {Check.AMOUNT: bool(deal.amount_minor), Check.NEXT_STEP: bool(deal.next_step)}


def _checks_around() -> dict[str, Any]:
    mine = {"opportunity": OuterRef("pk")}
    lines = OpportunityLine.objects.filter(**mine, is_removed=False)
    deciders = Stakeholder.objects.filter(**mine, is_removed=False, role=Stakeholder.Role.DECIDES)
    sure = Answer.objects.filter(opportunity=OuterRef(OuterRef("pk")), question=OuterRef("pk"))
    unanswered = Question.objects.filter(
        ~Exists(sure.exclude(state=Answer.State.OPEN)),
        sales_model=OuterRef("stage__sales_model"),
        position__isnull=False,
    )
    return {
        Check.PRODUCTS: Exists(lines),
        Check.DECIDER: Exists(deciders),
        Check.CLOSE_PLAN: Exists(Milestone.objects.filter(**mine, is_removed=False)),
        Check.ANSWERS: ~Exists(unanswered),
    }


def left_stage(deal: Opportunity) -> Stage:
    """The open stage from which the deal goes on: its own, or the last one where it was before it was lost."""
    if deal.is_open:
        return deal.stage
    visits = deal.visits.filter(stage__kind=Stage.Kind.OPEN).select_related("stage").order_by("-id")
    last = visits.first()
    return last.stage if last else deal.stage


def knowledge(deal: Opportunity) -> list[Known]:
    """The questions of the deal's model with what is known to each."""
    asked: QuerySet[Question] = Question.objects.filter(
        sales_model=deal.stage.sales_model_id, position__isnull=False
    )
    questions = list(asked.order_by("position"))
    answers = {row.question_id: row for row in deal.answers.all()} if questions else {}
    return [_known(deal, row, answers.get(row.pk)) for row in questions]


def _known(deal: Opportunity, question: Question, answer: Answer | None) -> Known:
    if answer is None:
        return Known(question, Answer(opportunity=deal, question=question))
    return Known(question, answer, answer.version)


@dataclass(frozen=True)
class Qualification:
    """How well a deal is qualified: the criteria of its stage and of those before it, and the questions."""

    criteria: list[Asked]
    known: list[Known]

    @property
    def confirmed(self) -> int:
        return sum(one.answer.state == Answer.State.CONFIRMED for one in self.known)

    @property
    def met(self) -> int:
        return sum(one.is_met for one in self.criteria)


def qualification(deal: Opportunity) -> Qualification:
    """What the deal's page says of how well it is qualified."""
    way = Criterion.objects.filter(stage__sales_model=deal.stage.sales_model_id, position__isnull=False)
    place = deal.stage.position
    reached = way.filter(stage__position__lte=place) if place is not None else way.none()
    return Qualification(_looked_at([deal], reached).get(deal.pk, []), knowledge(deal))
