"""Sales models: as they stand, as they stood, what would change, and who is in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from common.access import found
from pipeline.models import Criterion, ModelVersion, Opportunity, Question, SalesModel, Stage
from pipeline.rules.sales_models import (
    CriterionInput,
    Difference,
    QuestionInput,
    StageInput,
    content_of,
    differences,
)


def sales_models() -> list[SalesModel]:
    """All of them with their stages: the usual one first, retired ones last."""
    rows = SalesModel.objects.prefetch_related(Prefetch("stages", Stage.objects.offered()))
    return sorted(rows, key=lambda model: model.is_retired)


def sales_model(pk: int) -> SalesModel:
    """One sales model. Raises NotInReach."""
    row: SalesModel = found(SalesModel.objects.filter(pk=pk).first())
    return row


def definition_of(
    model: SalesModel, *, is_copy: bool = False
) -> tuple[list[StageInput], list[QuestionInput]]:
    """A sales model as it stands; a copy names no ids."""
    stages = [_stage(row) for row in _with_criteria(model.stages.offered())]
    questions = [_question(row) for row in model.questions.filter(position__isnull=False)]
    if is_copy:
        stages = [
            replace(one, id=None, criteria=[replace(row, id=None) for row in one.criteria]) for one in stages
        ]
        questions = [replace(row, id=None) for row in questions]
    return stages, questions


def with_definition() -> QuerySet[SalesModel]:
    """Sales models read with all that they are made of now, for `content_read`."""
    asked = Question.objects.filter(position__isnull=False)
    return SalesModel.objects.prefetch_related(
        Prefetch("stages", _with_criteria(Stage.objects.offered())), Prefetch("questions", asked)
    )


def content_read(model: SalesModel) -> dict[str, Any]:
    """What `content_now` says, of a sales model of `with_definition`."""
    stages = [_stage(row) for row in model.stages.all()]
    return content_of(model.name, model.about, stages, [_question(row) for row in model.questions.all()])


def _with_criteria(stages: QuerySet[Stage]) -> QuerySet[Stage]:
    return stages.prefetch_related(Prefetch("criteria", Criterion.objects.filter(position__isnull=False)))


def _question(row: Question) -> QuestionInput:
    return QuestionInput(row.text, row.help, row.pk)


def _stage(row: Stage) -> StageInput:
    criteria = [
        CriterionInput(each.text, each.check_of, each.is_required, each.pk) for each in row.criteria.all()
    ]
    return StageInput(
        row.name, row.kind, row.probability, row.category, row.stalled_after_days, row.pk, criteria
    )


def content_now(model: SalesModel) -> dict[str, Any]:
    """A sales model as it stands, as its next version would keep it."""
    return content_of(model.name, model.about, *definition_of(model))


def open_deals(stage_ids: Iterable[int]) -> dict[int, int]:
    """How many open deals these stages hold, of those that the reader's transaction reaches."""
    rows = Opportunity.objects.open().filter(stage_id__in=list(stage_ids)).order_by()
    return dict(rows.values_list("stage_id").annotate(number=Count("pk")))


@dataclass(frozen=True)
class Held:
    """A stage and how many open deals in it something concerns."""

    stage: Stage
    number: int


@dataclass(frozen=True)
class Review:
    """What publishing a definition changes: the differences, the stages that go with the deals still in them, the
    stages whose deals count otherwise from then on, and the names of the open stages to which deals can go.
    """

    differences: list[Difference]
    emptied: list[Held]
    followed: list[Held]
    into: list[str]

    @property
    def touched(self) -> int:
        return sum(one.number for one in [*self.emptied, *self.followed])


def holding(stages: Sequence[Stage], *, follow: bool = False) -> list[Held]:
    """Those of the stages with open deals in them; `follow`: with such as follow the category of their stage."""
    rows = Opportunity.objects.open().filter(stage__in=stages).order_by()
    rows = rows.filter(category_is_manual=False) if follow else rows
    counts = dict(rows.values_list("stage_id").annotate(number=Count("pk"))) if stages else {}
    return [Held(stage, counts[stage.pk]) for stage in stages if stage.pk in counts]


@dataclass(frozen=True)
class Told:
    """A version of a sales model, and what it says differently from the one before; nothing of the first one."""

    version: ModelVersion
    differences: list[Difference]


def versions(model: SalesModel) -> list[Told]:
    """The versions of a sales model, newest first."""
    rows = list(model.versions.select_related("by"))
    before = [*rows[1:], None]
    return [
        Told(row, differences(old.content, row.content) if old else [])
        for row, old in zip(rows, before, strict=True)
    ]


def version_of(pk: int) -> Told:
    """One version of a sales model. Raises NotInReach."""
    row: ModelVersion = found(ModelVersion.objects.select_related("sales_model", "by").filter(pk=pk).first())
    old = ModelVersion.objects.filter(sales_model=row.sales_model_id, number=row.number - 1).first()
    return Told(row, differences(old.content, row.content) if old else [])


def models_of(person_id: int) -> set[int]:
    """The sales models in which a person has open deals."""
    rows = Opportunity.objects.open().filter(owner_id=person_id).order_by()
    return set(rows.values_list("stage__sales_model_id", flat=True).distinct())


def stages_in() -> list[Stage]:
    """The stages of all sales models, model by model, the usual one first."""
    return list(Stage.objects.offered().select_related("sales_model"))


def stages_to_enter(deal: Opportunity | None = None) -> list[Stage]:
    """The stages that a deal, or a new one, can enter: open ones of models that take new deals, all of its own model.

    A deal that is not open stays in its model.
    """
    own = deal.stage.sales_model_id if deal else None
    found = [
        row
        for row in stages_in()
        if row.sales_model_id == own
        or (row.kind == Stage.Kind.OPEN and not row.sales_model.is_retired and (not deal or deal.is_open))
    ]
    return sorted(found, key=lambda row: row.sales_model_id != own) if deal else found
