"""Reading on: what changed in a resource since a program read it last, the same way for every resource."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from common.api import AFTER, Decorated, Endpoint, reads, shown
from common.changes import read_on
from common.http import BadQuery, whole
from common.transaction import reach

USUAL_STEP, MOST_STEP = 500, 1000
LIMIT = OpenApiParameter(
    "limit",
    OpenApiTypes.INT,
    description=f"How many rows at most, 1 to {MOST_STEP}; without it {USUAL_STEP}.",
)


def reads_on(name: str, serializer: type[serializers.Serializer[Any]]) -> Decorated:
    """Describes an operation that reads on."""
    fields = {
        "results": serializer(many=True),
        "gone": serializers.ListField(
            child=serializers.IntegerField(),
            help_text="Rows that were merged, taken out, or left what you may read: their ids alone.",
        ),
        "after": serializers.CharField(help_text="Where to read on, now or later; good for 30 days."),
        "more": serializers.BooleanField(help_text="Whether there is more by now."),
        "reach": serializers.CharField(
            help_text="Another one when your role, seat or territories changed: then start again without after."
        ),
    }
    page = inline_serializer(name=serializer.__name__.replace("Serializer", "Changes"), fields=fields)
    return reads(name, page, AFTER, LIMIT)


class ChangesEndpoint(Endpoint):
    """What changed in a resource since the caller read it last; first everything that is there."""

    filters = ("after", "limit")

    def answer(self, rows: QuerySet[Any], serializer: type[serializers.Serializer[Any]]) -> Response:
        """The next step of reading the rows that stand."""
        limit = whole(self.query, "limit")
        if limit is not None and not 1 <= limit <= MOST_STEP:
            raise BadQuery(_("limit is a number from 1 to %(most)d.") % {"most": MOST_STEP}, path="limit")
        step = read_on(rows, reach(), self.query.get("after"), limit or USUAL_STEP)
        results = shown(step.rows, serializer)
        values = {"gone": step.gone, "after": step.after, "more": step.is_more, "reach": step.reach}
        return Response({"results": results, **values})
