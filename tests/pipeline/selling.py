"""What is sold, and the sales model, as tests change them: its definition in short, and one press of Publish."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from common.access import Reach
from common.transaction import work
from pipeline.models import OpportunityLine, SalesModel
from pipeline.rules.sales_models import CriterionInput, QuestionInput, StageInput
from pipeline.selectors.sales_models import definition_of
from pipeline.services import publish_model
from tests.cast import Cast

ENDS = (StageInput("Won", "won", 100, "closed"), StageInput("Lost", "lost", 0, "omitted"))


def put_servers(cast: Cast, name: str = "Acorn renewal") -> None:
    """40 servers on a deal of the cast, 100,000.00: a cent less than the amount that was typed before they came."""
    line = {"product": cast.products["Server"], "quantity": 40, "price_minor": 250_000}
    with work(by=None, why="products", reach=Reach.everything()):
        OpportunityLine.objects.create(opportunity=cast.deals[name], **line)


def usual() -> SalesModel:
    """The usual sales model as it stands; for inside a transaction."""
    model: SalesModel = SalesModel.objects.get(is_usual=True)
    return model


def publish(person: Any, model: SalesModel | None = None, **changes: Any) -> SalesModel:
    """Publish the model as it stands with these changes, such as `stages` or `moves`; for inside a transaction."""
    model = model or usual()
    stages, questions = definition_of(model)
    said = {"stages": stages, "questions": questions, "reason": "A better way"} | changes
    return publish_model(by=person.pk, model_id=model.pk, **({"version": model.version} | said))


def stages_now(model: SalesModel | None = None) -> list[StageInput]:
    return definition_of(model or usual())[0]


def with_criteria(name: str, *criteria: CriterionInput) -> list[StageInput]:
    """The usual model's stages, that of the name with these criteria."""
    return [replace(one, criteria=criteria) if one.name == name else one for one in stages_now()]


def without(*names: str) -> list[StageInput]:
    return [one for one in stages_now() if one.name not in names]


def renamed(old: str, new: str) -> list[StageInput]:
    return [replace(one, name=new) if one.name == old else one for one in stages_now()]


def asked(*texts: str) -> Sequence[QuestionInput]:
    return [QuestionInput(text) for text in texts]
