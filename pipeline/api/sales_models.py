"""Sales models over the API: read by everybody, published by administrators as a whole."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import found
from common.api import (
    Endpoint,
    StrictSerializer,
    answer_page,
    body_of,
    edits,
    lists,
    makes,
    only,
    reads,
    version_of,
)
from common.fields import FlagField, IdField, LineField, OneOfField, WholeField
from common.http import person_id, whole
from pipeline import services
from pipeline.models import Category, Criterion, ModelVersion, SalesModel, Stage
from pipeline.rules.sales_models import CriterionInput, QuestionInput, StageInput
from pipeline.rules.templates import TEMPLATES
from pipeline.selectors.sales_models import content_read, sales_model, with_definition


class CriterionSerializer(StrictSerializer):
    """An exit criterion; `check_of` says what the product looks at, empty where a person ticks it."""

    id = IdField(required=False, allow_null=True)
    text = LineField(max_length=160, allow_blank=True)
    check_of = OneOfField(choices=Criterion.Check.choices, allow_blank=True, default="")
    is_required = FlagField(default=False)


class StageInputSerializer(StrictSerializer):
    """A stage with what is asked before a deal goes on from it. Without an id it is a new one."""

    id = IdField(required=False, allow_null=True)
    name = LineField(max_length=60)
    kind = OneOfField(choices=Stage.Kind.choices)
    probability = WholeField(min_value=0, max_value=100)
    category = OneOfField(choices=Category.choices)
    stalled_after_days = WholeField(min_value=1, max_value=3_650, allow_null=True, default=None)
    criteria = CriterionSerializer(many=True, default=list)


class QuestionSerializer(StrictSerializer):
    """A qualification question."""

    id = IdField(required=False, allow_null=True)
    text = LineField(max_length=160)
    help = LineField(max_length=300, allow_blank=True, default="")


class PassingSerializer(StrictSerializer):
    """Where the open deals of a stage go that is taken out: the name of an open stage of the new definition."""

    stage_id = IdField()
    into = LineField(max_length=60)


class PublishSerializer(StrictSerializer):
    """The whole new definition: what has an id stays, what has none is new, what is absent is taken out."""

    reason = LineField(max_length=200)
    stages = StageInputSerializer(many=True)
    questions = QuestionSerializer(many=True, default=list)
    moves = PassingSerializer(many=True, default=list)


class ModelMakeSerializer(StrictSerializer):
    """A new sales model: as a template says, or as another one stands."""

    name = LineField(max_length=60)
    about = LineField(max_length=200, allow_blank=True, default="")
    template = OneOfField(choices=[(key, one.name) for key, one in TEMPLATES.items()], default="")
    model_id = IdField(required=False)


class SalesModelSerializer(StrictSerializer):
    """A sales model as it stands."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    name = LineField(read_only=True)
    about = LineField(read_only=True)
    is_usual = FlagField(read_only=True)
    is_retired = FlagField(read_only=True)
    stages = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField()

    @extend_schema_field(StageInputSerializer(many=True))
    def get_stages(self, model: SalesModel) -> Any:
        return content_read(model)["stages"]

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, model: SalesModel) -> Any:
        return content_read(model)["questions"]


class StageSerializer(StrictSerializer):
    """A stage that deals can be in."""

    id = IdField(read_only=True)
    sales_model_id = IdField(read_only=True)
    name = LineField(read_only=True)
    position = WholeField(read_only=True)
    kind = OneOfField(choices=Stage.Kind.choices, read_only=True)
    probability = WholeField(read_only=True)
    category = OneOfField(choices=Category.choices, read_only=True)
    stalled_after_days = WholeField(read_only=True, allow_null=True)


class ModelVersionSerializer(StrictSerializer):
    """A sales model as it was published once, in its words of that day."""

    number = WholeField(read_only=True)
    reason = LineField(read_only=True)
    by_id = IdField(read_only=True, allow_null=True)
    recorded_at = serializers.DateTimeField(read_only=True)
    content = serializers.JSONField(read_only=True)


def _answer(pk: int) -> Any:
    return SalesModelSerializer(found(with_definition().filter(pk=pk).first())).data


class SalesModelListApi(Endpoint):
    """The sales models, and a new one."""

    filters = ("after",)

    @lists("sales_model_list", SalesModelSerializer)
    def get(self, request: Request) -> Response:
        rows = with_definition()
        return answer_page(rows, ["name", "id"], self.query.get("after"), SalesModelSerializer)

    @makes("sales_model_create", ModelMakeSerializer, SalesModelSerializer)
    def post(self, request: Request) -> Response:
        model = services.start_model(by=person_id(), **body_of(ModelMakeSerializer, request))
        return Response(_answer(model.pk), status=201)


class SalesModelApi(Endpoint):
    """One sales model."""

    @reads("sales_model_detail", SalesModelSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_answer(pk))


class SalesModelPublishApi(Endpoint):
    """Changing a sales model as a whole."""

    @edits("sales_model_publish", PublishSerializer, SalesModelSerializer)
    def post(self, request: Request, pk: int) -> Response:
        said = body_of(PublishSerializer, request)
        services.publish_model(
            by=person_id(),
            model_id=pk,
            version=version_of(request),
            reason=said["reason"],
            stages=[_stage(row) for row in said["stages"]],
            questions=[QuestionInput(**row) for row in said["questions"]],
            moves={row["stage_id"]: row["into"] for row in said["moves"]},
        )
        return Response(_answer(pk))


def _stage(row: dict[str, Any]) -> StageInput:
    criteria = [CriterionInput(**one) for one in row["criteria"]]
    return StageInput(**{**row, "criteria": criteria})


class SalesModelVersionListApi(Endpoint):
    """Every version of a sales model."""

    filters = ("after",)

    @lists("sales_model_version_list", ModelVersionSerializer)
    def get(self, request: Request, pk: int) -> Response:
        rows = ModelVersion.objects.filter(sales_model=sales_model(pk))
        return answer_page(rows, ["-number"], self.query.get("after"), ModelVersionSerializer)


class StageListApi(Endpoint):
    """The stages that deals can be in, of all sales models or of one."""

    filters = ("after", "sales_model_id")

    @lists("stage_list", StageSerializer, only("sales_model_id", "Only the stages of this sales model."))
    def get(self, request: Request) -> Response:
        model_id, rows = whole(self.query, "sales_model_id"), Stage.objects.offered()
        rows = rows.filter(sales_model=model_id) if model_id else rows
        return answer_page(
            rows, ["sales_model_id", "position", "id"], self.query.get("after"), StageSerializer
        )
