"""Targets of activities over the API, with what was done of them, and when accounts were touched."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import AFTER, Endpoint, StrictSerializer, acts, body_of, only, reads
from common.fields import DayField, FlagField, IdField, LineField, OneOfField, WholeField
from common.http import chosen, person_id
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.forms.activity_lists import TOUCH_FILTERS, touch_filters_of
from pipeline.models import MOST_TARGET, Activity, ActivityTarget
from pipeline.selectors.targets import MOST_PEOPLE, people_with_targets, target_lines
from pipeline.selectors.touches import touch_page


class TargetFigureSerializer(StrictSerializer):
    """What was done from one day to another, of what is asked, and what of it was expected by today."""

    start = DayField(read_only=True)
    last = DayField(read_only=True)
    actual = WholeField(read_only=True)
    target = WholeField(read_only=True, allow_null=True)
    expected = WholeField(read_only=True, allow_null=True)


class TargetLineSerializer(StrictSerializer):
    """A person with the figures of today, this month and this fiscal year."""

    person_id = IdField(source="person.pk", read_only=True)
    day = TargetFigureSerializer(read_only=True)
    month = TargetFigureSerializer(read_only=True)
    year = TargetFigureSerializer(read_only=True)


class TargetLinesSerializer(StrictSerializer):
    """The reader and the people whom they lead, by name, the first 200."""

    results = TargetLineSerializer(many=True, read_only=True)


class TargetSerializer(StrictSerializer):
    """So many activities of a type, or of all types where that is empty, from a day on. 0 ends it."""

    person_id = IdField()
    kind = OneOfField(choices=Activity.Kind.choices, required=False, allow_blank=True)
    per = OneOfField(choices=ActivityTarget.Per.choices)
    number = WholeField(min_value=0, max_value=MOST_TARGET)
    starts_on = DayField()


class TargetSetSerializer(StrictSerializer):
    """Whether something is asked from that day on."""

    is_asked = FlagField(read_only=True)


KIND = OpenApiParameter("kind", OpenApiTypes.STR, description="Of which type; without it all types together.")


class ActivityTargetListApi(Endpoint):
    """What people did of what is asked of them, and a new target."""

    filters = ("kind",)
    asks = ("activity_target", "read")

    @reads("activity_target_list", TargetLinesSerializer, KIND)
    def get(self, request: Request) -> Response:
        kind = chosen(self.query, "kind", ["", *Activity.Kind.values], "")
        people = people_with_targets(reach())[:MOST_PEOPLE]
        lines = target_lines(reach(), people, kind)
        return Response({"results": [TargetLineSerializer(line).data for line in lines]})

    @acts("activity_target_set", TargetSerializer, TargetSetSerializer)
    def post(self, request: Request) -> Response:
        target = services.set_target(by=person_id(), **body_of(TargetSerializer, request))
        return Response({"is_asked": target is not None})


class TouchSerializer(StrictSerializer):
    """An account with the day of its last touch, and whether it is neglected: after how many days it is."""

    account_id = IdField(source="account.pk", read_only=True)
    last_on = DayField(read_only=True, allow_null=True)
    is_neglected = FlagField(read_only=True)
    days = WholeField(read_only=True)
    unmet = serializers.SerializerMethodField()

    def get_unmet(self, row: Any) -> list[int]:
        return [contact.pk for contact in row.unmet]


class TouchPageSerializer(StrictSerializer):
    """A page of accounts, those whose last touch is longest ago first."""

    results = TouchSerializer(many=True, read_only=True)
    after = LineField(read_only=True, allow_null=True)


TOUCHES = [
    OpenApiParameter(
        "state", OpenApiTypes.STR, description="neglected, touched or all; without it neglected."
    ),
    OpenApiParameter(
        "unmet", OpenApiTypes.STR, description="c, vp or both: with such a contact whom nobody met."
    ),
    only("territory", "Only those in this territory."),
    only("owner", "Only those in territories that this person owns."),
]


class TouchListApi(Endpoint):
    """When the accounts in reach were touched last."""

    filters = (*TOUCH_FILTERS, "after")

    @reads("touch_list", TouchPageSerializer, *TOUCHES, AFTER)
    def get(self, request: Request) -> Response:
        page = touch_page(reach(), touch_filters_of(self.query), today(), self.query.get("after"))
        return Response({"results": [TouchSerializer(row).data for row in page.rows], "after": page.after})
