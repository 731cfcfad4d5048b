"""The definition of a sales model: looked at as a whole before a row is written, then written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common.checks import check_line
from common.errors import Refused
from pipeline.models import OPEN_CATEGORIES, Category, Criterion, Question, SalesModel, Stage
from pipeline.rules.sales_models import (
    CRITERION_FIELDS,
    KINDS,
    MOST_CRITERIA,
    MOST_QUESTIONS,
    MOST_STAGES,
    QUESTION_FIELDS,
    STAGE_FIELDS,
    CriterionInput,
    QuestionInput,
    StageInput,
    in_order,
)

MOST_NAME, MOST_TEXT, MOST_HELP, MOST_DAYS = 60, 160, 300, 3_650
ENDS = {Stage.Kind.WON: (100, Category.CLOSED), Stage.Kind.LOST: (0, Category.OMITTED)}
SWAPPED = ("stage_name_once", "stage_position_once", "criterion_once", "question_once")
Definition = tuple[list[StageInput], list[QuestionInput]]


def checked(stages: Sequence[StageInput], questions: Sequence[QuestionInput]) -> Definition:
    """The definition in its order, without blanks around its words. Raises Refused with the path of what is wrong."""
    _check_number(stages, MOST_STAGES, "stages")
    _check_number(questions, MOST_QUESTIONS, "questions")
    told = [_stage(stage, f"stages.{index}") for index, stage in enumerate(stages)]
    asked = [_question(row, f"questions.{index}") for index, row in enumerate(questions)]
    _check_once([stage.name for stage in told], "stages", "name")
    _check_once([row.text for row in asked], "questions", "text")
    _check_ends(told)
    return in_order(told), asked


def lock_stages(model: SalesModel) -> dict[int, Stage]:
    """The stages that the model offers, by their ids. Deals on their way into one of them come first or wait."""
    rows: list[Stage] = list(model.stages.offered().select_for_update(of=["self"]))
    return {stage.pk: stage for stage in rows}


def write_definition(
    model: SalesModel,
    stages: Sequence[StageInput],
    questions: Sequence[QuestionInput],
    *,
    standing: Mapping[int, Stage],
) -> list[int]:
    """Write a checked definition over the stages that stand; answers the ids of those that it takes out.

    Raises Refused for an id that is not the model's, and for a stage that would become one of another kind.
    """
    _let_rows_swap()
    for index, told in enumerate(stages):
        stage = _written_stage(model, told, index + 1, standing)
        criteria = {row.pk: row for row in stage.criteria.filter(position__isnull=False)}
        _write(Criterion, {"stage": stage}, criteria, told.criteria, CRITERION_FIELDS, told.name)
    asked = {row.pk: row for row in model.questions.filter(position__isnull=False)}
    _write(Question, {"sales_model": model}, asked, questions, QUESTION_FIELDS, model.name)
    gone = [pk for pk in standing if pk not in {told.id for told in stages}]
    for pk in gone:
        Stage.objects.change(pk, standing[pk].version, position=None)
    return gone


def _let_rows_swap() -> None:
    """Look at names and places when the act ends, also where an act before it in the transaction has ended."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS {', '.join(SWAPPED)} DEFERRED")


def _written_stage(
    model: SalesModel, told: StageInput, position: int, standing: Mapping[int, Stage]
) -> Stage:
    values = {field: getattr(told, field) for field in STAGE_FIELDS}
    if told.id is None:
        made: Stage = Stage.objects.create(sales_model=model, position=position, **values)
        return made
    stage = standing.get(told.id)
    if stage is None:
        message = _("%(stage)s is not a stage of this sales model. Leave its id out to add it.")
        raise Refused(message % {"stage": told.name}, path="stages", code="unknown_stage")
    if stage.kind != told.kind:
        message = _("%(stage)s stays a stage that is %(kind)s. Take it out and add another one.")
        words = {"stage": stage.name, "kind": stage.get_kind_display()}
        raise Refused(message % words, path="stages", code="kind_stays")
    _change(stage, {**values, "position": position})
    return stage


def _write(
    model: type[Criterion | Question],
    owner: dict[str, Any],
    standing: Mapping[int, Any],
    rows: Sequence[CriterionInput | QuestionInput],
    fields: Collection[str],
    place: str,
) -> None:
    """The rows below an owner: those with an id stay, those without are new, and what is absent is asked no more."""
    for position, told in enumerate(rows, 1):
        values = {**{field: getattr(told, field) for field in fields}, "position": position}
        if told.id is None:
            model.objects.create(**owner, **values)
        elif told.id in standing:
            _change(standing[told.id], values)
        else:
            message = _("“%(text)s” is not asked at %(place)s yet. Leave its id out to add it.")
            words = {"text": told.text, "place": place}
            raise Refused(message % words, path=model._meta.model_name or "", code="unknown_row")
    for pk, row in standing.items():
        if pk not in {told.id for told in rows}:
            _change(row, {"position": None})


def _change(row: Any, values: dict[str, Any]) -> None:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if changed:
        type(row).objects.change(row.pk, row.version, **changed)


def _check_number(rows: Sequence[Any], most: int, path: str) -> None:
    ids = [row.id for row in rows if row.id is not None]
    if len(rows) > most:
        raise Refused(_("At most %(most)s.") % {"most": most}, path=path, code="too_many")
    if len(ids) != len(set(ids)):
        raise Refused(_("The same one is named twice."), path=path, code="named_twice")


def _check_once(names: Sequence[str], path: str, column: str) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name.casefold() in seen:
            message = _("“%(name)s” stands twice. Call one of them otherwise.") % {"name": name}
            raise Refused(message, path=f"{path}.{index}.{column}", code="twice")
        seen.add(name.casefold())


def _check_ends(stages: Sequence[StageInput]) -> None:
    kinds = [stage.kind for stage in stages]
    if Stage.Kind.OPEN not in kinds:
        raise Refused(_("Add an open stage: deals begin there."), path="stages", code="no_open_stage")
    for kind, stands in ((Stage.Kind.WON, _("won")), (Stage.Kind.LOST, _("lost"))):
        if kinds.count(kind) != 1:
            message = _("A sales model has exactly one stage that is %(kind)s; here are %(number)s.")
            words = {"kind": stands, "number": kinds.count(kind)}
            raise Refused(message % words, path="stages", code=f"one_{kind.value}_stage")


def _stage(stage: StageInput, path: str) -> StageInput:
    check_line(stage.name, f"{path}.name", MOST_NAME)
    if stage.kind not in KINDS:
        raise Refused(_("A stage is open, won or lost."), path=f"{path}.kind", code="unknown_kind")
    _check_figures(stage, path)
    _check_number(stage.criteria, MOST_CRITERIA, f"{path}.criteria")
    criteria = [_criterion(row, f"{path}.criteria.{index}") for index, row in enumerate(stage.criteria)]
    _check_once([row.text for row in criteria], f"{path}.criteria", "text")
    return replace(stage, name=stage.name.strip(), criteria=criteria)


def _check_figures(stage: StageInput, path: str) -> None:
    if stage.kind in ENDS and (stage.probability, stage.category) != ENDS[Stage.Kind(stage.kind)]:
        message = _(
            "A won stage has 100 percent and the category Closed; a lost one has 0 percent and Omitted."
        )
        raise Refused(message, path=f"{path}.probability", code="stage_ends")
    if not 0 <= stage.probability <= 100:
        message = _("A probability lies between 0 and 100 percent.")
        raise Refused(message, path=f"{path}.probability", code="stage_probability")
    if stage.kind not in ENDS and stage.category not in dict(OPEN_CATEGORIES):
        known = ", ".join(str(label) for _value, label in OPEN_CATEGORIES)
        message = _("The category of an open stage is one of: %(known)s.") % {"known": known}
        raise Refused(message, path=f"{path}.category", code="unknown_category")
    if stage.stalled_after_days is not None and not 1 <= stage.stalled_after_days <= MOST_DAYS:
        message = _("A stage is stalled after 1 to %(most)s days.") % {"most": MOST_DAYS}
        raise Refused(message, path=f"{path}.stalled_after_days", code="stage_stalled_after")


def _criterion(row: CriterionInput, path: str) -> CriterionInput:
    """Without words of its own a check of the product says what it looks at."""
    if row.check_of not in Criterion.Check.values:
        known = ", ".join(filter(None, Criterion.Check.values))
        message = _("One of: %(known)s; or nothing, where a person ticks it.") % {"known": known}
        raise Refused(message, path=f"{path}.check_of", code="unknown_check")
    text = row.text.strip() or (capfirst(str(Criterion.Check(row.check_of).label)) if row.check_of else "")
    check_line(text, f"{path}.text", MOST_TEXT)
    return replace(row, text=text)


def _question(row: QuestionInput, path: str) -> QuestionInput:
    check_line(row.text, f"{path}.text", MOST_TEXT)
    if row.help:
        check_line(row.help, f"{path}.help", MOST_HELP)
    return replace(row, text=row.text.strip(), help=row.help.strip())
