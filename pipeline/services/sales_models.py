"""Ways of selling: made from stages, changed as a whole, each version kept. Administrators do it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from common.access import found
from common.checks import check_line
from common.errors import Conflict, Refused
from common.transaction import act, reach
from pipeline.models import ModelVersion, SalesModel, Stage
from pipeline.rules.sales_models import QuestionInput, StageInput, content_of, differences
from pipeline.rules.templates import TEMPLATES
from pipeline.selectors.sales_models import Review, content_now, definition_of, holding
from pipeline.services.definitions import MOST_NAME, checked, lock_stages, write_definition
from pipeline.services.emptying import empty_stages, follow_categories

MOST_REASON = 200


@act
def create_model(
    *,
    by: int | None,
    name: str,
    stages: Sequence[StageInput],
    about: str = "",
    questions: Sequence[QuestionInput] = (),
) -> SalesModel:
    """Add a sales model with its stages in their order; administrators only. The first one is the usual one.

    Raises Refused with the path of what is wrong (`stages.2.name`).
    """
    reach().require("sales_model", "update")
    definition = checked(stages, questions)
    model = _new(name, about)
    write_definition(model, *definition, standing={})
    record_version(model, by=by, reason=_("First version"))
    return model


@act
def start_model(
    *, by: int, name: str, about: str = "", template: str = "", model_id: int | None = None
) -> SalesModel:
    """Add a sales model that begins as one of TEMPLATES or as another model stands now; administrators only.

    Raises Refused for a template that there is not, NotInReach for such a model.
    """
    reach().require("sales_model", "update")
    if model_id is None and template not in TEMPLATES:
        message = _("One of: %(known)s.") % {"known": ", ".join(TEMPLATES)}
        raise Refused(message, path="template", code="unknown_template")
    if model_id is None:
        start = TEMPLATES[template]
        return create_model(
            by=by, name=name, about=about or start.about, stages=start.stages, questions=start.questions
        )
    stages, questions = definition_of(_found(model_id), is_copy=True)
    return create_model(by=by, name=name, about=about, stages=stages, questions=questions)


@act
def publish_model(
    *,
    by: int,
    model_id: int,
    version: int,
    reason: str,
    stages: Sequence[StageInput],
    questions: Sequence[QuestionInput] = (),
    moves: Mapping[int, str] | None = None,
) -> SalesModel:
    """Change a sales model as a whole: what has an id stays, what has none is new, what is absent is taken out.

    Open deals of a stage that is taken out go to the open stage that `moves` names for its id, which is a move like
    any other but asks for nothing. Deals follow the category of their stage unless a person chose theirs.
    Administrators only. Raises Stale where somebody published meanwhile, Refused with the path of what is wrong.
    """
    model = model_for(model_id)
    check_line(reason, "reason", MOST_REASON, missing=_("Say why it changes."))
    new_stages, new_questions = checked(stages, questions)
    SalesModel.objects.change(model.pk, version)
    standing = lock_stages(model)
    before = content_now(model)
    gone = write_definition(model, new_stages, new_questions, standing=standing)
    after = content_now(model)
    if not differences(before, after):
        raise Refused(_("Nothing differs from the version that holds now."), code="nothing_changed")
    empty_stages(model, [standing[pk] for pk in gone], moves or {}, by)
    follow_categories(_recategorised(standing, new_stages))
    record_version(model, by=by, reason=reason.strip())
    model.refresh_from_db()
    return model


def review_model(
    *,
    by: int,
    model_id: int,
    stages: Sequence[StageInput],
    questions: Sequence[QuestionInput] = (),
    **_said: Any,
) -> Review:
    """What publishing this would change, and how many open deals it would touch; administrators only.

    Raises Refused with the path of what is wrong, as publishing does.
    """
    model = model_for(model_id)
    told, asked = checked(stages, questions)
    standing = {stage.pk: stage for stage in model.stages.offered()}
    kept = {stage.id for stage in told}
    gone = [stage for pk, stage in standing.items() if pk not in kept]
    changed = _recategorised(standing, [stage for stage in told if stage.id in standing])
    after = content_of(model.name, model.about, told, asked)
    return Review(
        differences(content_now(model), after),
        holding(gone),
        holding([standing[pk] for pk in changed], follow=True),
        [stage.name for stage in told if stage.kind == Stage.Kind.OPEN],
    )


@act
def rename_model(*, by: int, model_id: int, version: int, name: str, about: str = "") -> SalesModel:
    """Call a sales model otherwise; administrators only. Raises Stale, Refused for a name that is taken."""
    model = model_for(model_id)
    check_line(name, "name", MOST_NAME)
    SalesModel.objects.change(model.pk, version, name=name.strip(), about=about.strip())
    return model


@act
def make_usual(*, by: int, model_id: int, version: int) -> SalesModel:
    """Let new deals and files be in this sales model where nobody says otherwise; administrators only.

    Raises Stale, Conflict for a retired one.
    """
    model = model_for(model_id)
    if model.is_retired:
        message = _("%(name)s takes no new deals. Reinstate it first.") % {"name": model.name}
        raise Conflict(message, code="model_retired")
    for usual in SalesModel.objects.filter(is_usual=True).exclude(pk=model.pk):
        SalesModel.objects.change(usual.pk, usual.version, is_usual=False)
    SalesModel.objects.change(model.pk, version, is_usual=True)
    return model


@act
def retire_model(*, by: int, model_id: int, version: int, is_retired: bool = True) -> SalesModel:
    """Let a sales model take no new deals, or take them again; those in it go on. Administrators only.

    Raises Stale, Conflict for the usual one.
    """
    model = model_for(model_id)
    if is_retired and model.is_usual:
        message = _("%(name)s is the usual sales model. Make another one the usual one first.")
        raise Conflict(message % {"name": model.name}, code="model_usual")
    SalesModel.objects.change(model.pk, version, is_retired=is_retired)
    return model


def model_for(model_id: int) -> SalesModel:
    """The sales model with that id, for who keeps them. Raises Forbidden, NotInReach."""
    reach().require("sales_model", "update")
    return _found(model_id)


def usual_model(by: int | None) -> SalesModel:
    """The sales model that new deals are in, an empty one where there is none; for acts that bring stages in."""
    usual: SalesModel | None = SalesModel.objects.filter(is_usual=True).first()
    if usual:
        return usual
    reach().require("sales_model", "update")
    model = _new(_("Standard"))
    record_version(model, by=by, reason=_("First version"))
    return model


def record_version(model: SalesModel, *, by: int | None, reason: str) -> ModelVersion:
    """Keep the model as it stands now, in its words, as its next version; for acts that changed it."""
    last = model.versions.aggregate(last=Max("number"))["last"] or 0
    return ModelVersion.objects.create(
        sales_model=model, number=last + 1, content=content_now(model), reason=reason, by_id=by
    )


def _new(name: str, about: str = "") -> SalesModel:
    check_line(name, "name", MOST_NAME)
    is_first = not SalesModel.objects.exists()
    model: SalesModel = SalesModel.objects.create(name=name.strip(), about=about.strip(), is_usual=is_first)
    return model


def _recategorised(standing: Mapping[int, Stage], stages: Sequence[StageInput]) -> dict[int, str]:
    """The category of the stages that have another one than before, by their ids."""
    return {
        told.id: told.category
        for told in stages
        if told.id is not None and told.category != standing[told.id].category
    }


def _found(model_id: int) -> SalesModel:
    model: SalesModel = found(SalesModel.objects.filter(pk=model_id).first())
    return model
