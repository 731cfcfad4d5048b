"""Territories are retired, merged and split over the API."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import Endpoint, StrictSerializer, acts, body_of
from common.fields import DayField, IdField, LineField, WholeField
from common.http import person_id
from common.transaction import reach
from planning import services
from planning.forms.assign import MOST_CHOSEN
from territories.api.tree import TerritorySerializer, answer_territory
from territories.models import Territory
from territories.selectors.tree import placed_on


class RetireSerializer(StrictSerializer):
    """The first day on which the territory is not in the tree, and why."""

    on = DayField()
    reason = LineField(max_length=200, required=False, allow_blank=True)


class MergeSerializer(RetireSerializer):
    """Into which territory, and from which day on."""

    into_id = IdField()


class MergedSerializer(StrictSerializer):
    """How much went over to the other territory, how many seats ended, and how much open work followed."""

    nodes = WholeField()
    accounts = WholeField()
    seats = WholeField()
    rules = WholeField()
    work = WholeField()


class PartSerializer(StrictSerializer):
    """A territory that a split makes, with the accounts that it takes."""

    name = LineField(max_length=120)
    code = LineField(max_length=40)
    account_ids = serializers.ListField(child=IdField(), max_length=MOST_CHOSEN)


class SplitSerializer(RetireSerializer):
    """The new territories beside the one that is split."""

    parts = PartSerializer(many=True)


class SplitMadeSerializer(StrictSerializer):
    """The new territories."""

    territories = TerritorySerializer(many=True)


class _TerritoryAct(Endpoint):
    """An act on a territory that the reader sees."""

    takes: type[StrictSerializer]

    def done(self, act: Any, request: Request, pk: int) -> tuple[dict[str, Any], Any]:
        """The body, and what the act answered."""
        seen(Territory.objects.all(), reach(), pk)
        body = body_of(self.takes, request)
        if "parts" in body:
            body["parts"] = [services.Part(**part) for part in body["parts"]]
        return body, act(by=person_id(), territory_id=pk, **body)


class TerritoryRetireApi(_TerritoryAct):
    """Taking an empty territory out of the tree; 409 says what hangs on it."""

    takes = RetireSerializer

    @acts("territory_retire", RetireSerializer, TerritorySerializer)
    def post(self, request: Request, pk: int) -> Response:
        body, _done = self.done(services.retire_territory, request, pk)
        return answer_territory(pk, body["on"])


class TerritoryMergeApi(_TerritoryAct):
    """Giving what a territory has to another one, and retiring it."""

    takes = MergeSerializer

    @acts("territory_merge", MergeSerializer, MergedSerializer)
    def post(self, request: Request, pk: int) -> Response:
        return Response(MergedSerializer(self.done(services.merge_territory, request, pk)[1]).data)


class TerritorySplitApi(_TerritoryAct):
    """Putting new territories beside one, each with accounts of it."""

    takes = SplitSerializer

    @acts("territory_split", SplitSerializer, SplitMadeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body, made = self.done(services.split_territory, request, pk)
        rows = placed_on(body["on"]).filter(pk__in=[node.pk for node in made]).order_by("id")
        return Response(SplitMadeSerializer({"territories": rows}).data)
