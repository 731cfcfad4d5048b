"""The company's own fields over the API: what records hold of them, and which there are."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import Endpoint, StrictSerializer, body_of, edits, makes, reads, version_of
from common.fields import FlagField, IdField, LineField, OneOfField, WholeField, refused
from common.http import person_id
from common.transaction import reach
from workspace.models import MOST_FIELDS, OwnField
from workspace.selectors.own import known_fields, plain_own
from workspace.services import own as services

SCHEMA = {
    "type": "object",
    "description": "Own fields by their keys (GET /api/own-fields/): a text, a number as text, an amount with its "
    "currency (or as text, in the record's), a day as 2026-03-31, a choice by its words, true or false; null for "
    "nothing. What is not named stays.",
    "additionalProperties": True,
    "example": {"renewal_risk": "high", "seats": "250", "budget": {"amount": "1200.00", "currency": "EUR"}},
}


@extend_schema_field(SCHEMA)
class OwnValuesField(serializers.Field[dict[str, Any], Any, dict[str, Any], Any]):
    """What a record holds in the own fields that the reader sees."""

    def __init__(self, subject: str, **options: Any) -> None:
        super().__init__(**{"required": False, **options})
        self.subject = subject

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise refused(_('Write own fields as an object, such as {"seats": "250"}.'), "own_object")
        return dict(data)

    def to_representation(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return plain_own(reach(), self.subject, value)


class OwnChoiceSerializer(StrictSerializer):
    """A choice of a list. Records hold its number, programs read and write its words."""

    id = IdField(required=False)
    label = LineField(max_length=services.MOST_LABEL)  # type: ignore[assignment]
    is_offered = FlagField(required=False, default=True)


class OwnFieldEditSerializer(StrictSerializer):
    """What an edit of an own field may change; `choices` are all of a list's, in their order."""

    label = LineField(max_length=services.MOST_LABEL)  # type: ignore[assignment]
    sight = OneOfField(choices=OwnField.Sight.choices)
    is_required = FlagField()
    is_column = FlagField()
    choices = OwnChoiceSerializer(many=True)


class OwnFieldRetireSerializer(StrictSerializer):
    """Whether a field is out of use; what records hold of it stays."""

    is_retired = FlagField()


class OwnFieldPlaceSerializer(StrictSerializer):
    """The place of a field among those in use, the first being 1."""

    place = WholeField(min_value=1, max_value=MOST_FIELDS)


class OwnFieldSerializer(StrictSerializer):
    """A field of the company's own. `subject`, `key` and `kind` never change; a retired one has no `position`."""

    id = IdField(read_only=True)
    version = WholeField(read_only=True)
    subject = OneOfField(choices=OwnField.Subject.choices)
    key = LineField(max_length=services.MOST_KEY, required=False, allow_blank=True)
    label = LineField(max_length=services.MOST_LABEL)  # type: ignore[assignment]
    kind = OneOfField(choices=OwnField.Kind.choices)
    sight = OneOfField(choices=OwnField.Sight.choices, required=False)
    is_required = FlagField(required=False)
    is_column = FlagField(required=False)
    choices = OwnChoiceSerializer(many=True, required=False)
    position = WholeField(read_only=True, allow_null=True)
    is_retired = FlagField(read_only=True)


class OwnFieldListApi(Endpoint):
    """The own fields that the reader sees, those in use first, and a new one."""

    @reads("own_field_list", OwnFieldSerializer(many=True))
    def get(self, request: Request) -> Response:
        rows = [row for subject in OwnField.Subject for row in known_fields(reach(), subject)]
        return Response(OwnFieldSerializer(rows, many=True).data)

    @makes("own_field_create", OwnFieldSerializer, OwnFieldSerializer)
    def post(self, request: Request) -> Response:
        body = body_of(OwnFieldSerializer, request)
        choices = [one["label"] for one in body.pop("choices", ())]
        row = services.add_own_field(by=person_id(), choices=choices, **body)
        return Response(OwnFieldSerializer(row).data, status=201)


class OwnFieldApi(Endpoint):
    """One own field, for who keeps them."""

    @reads("own_field_detail", OwnFieldSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(OwnFieldSerializer(services.own_field_of(pk)).data)

    @edits("own_field_edit", OwnFieldEditSerializer, OwnFieldSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        changes = body_of(OwnFieldEditSerializer, request, partial=True)
        row = services.edit_own_field(by=person_id(), field_id=pk, version=version_of(request), **changes)
        return Response(OwnFieldSerializer(row).data)


class OwnFieldRetireApi(Endpoint):
    """Taking a field out of use, or back into it."""

    @edits("own_field_retire", OwnFieldRetireSerializer, OwnFieldSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(OwnFieldRetireSerializer, request)
        row = services.retire_own_field(by=person_id(), field_id=pk, version=version_of(request), **wish)
        return Response(OwnFieldSerializer(row).data)


class OwnFieldPlaceApi(Endpoint):
    """Putting a field before or behind others."""

    @edits("own_field_place", OwnFieldPlaceSerializer, OwnFieldSerializer)
    def post(self, request: Request, pk: int) -> Response:
        wish = body_of(OwnFieldPlaceSerializer, request)
        row = services.place_own_field(by=person_id(), field_id=pk, version=version_of(request), **wish)
        return Response(OwnFieldSerializer(row).data)
