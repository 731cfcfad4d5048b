"""The work that a territory asks for, who is there to do it, and what could be sold there, over the API."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import ON, Endpoint, StrictSerializer, reads
from common.fields import AmountField, LineField, RatioField, WholeField
from common.http import a_day
from common.selectors import today
from common.transaction import reach
from planning.selectors.workload import Workload, workload_below
from territories.models import Territory


class WorkloadSerializer(StrictSerializer):
    """The accounts of a territory with all below it on a day, as far as the reader sees them.

    Hours a year by the norms of segment and tier, against those of who owns territories there. Null is not known;
    `load` also where the reader does not see all accounts.
    """

    accounts = WholeField(source="work.accounts")
    without_norm = WholeField(source="work.missing")
    hours = RatioField(allow_null=True)
    capacity_hours = RatioField(allow_null=True)
    load = RatioField(allow_null=True)
    ways = serializers.SerializerMethodField(help_text="Accounts by how their segment is sold to.")
    year = LineField(source="year.code", allow_null=True, default=None)
    potential = AmountField(source="potential_minor", allow_null=True)
    potential_unknown = WholeField(source="potential.missing")

    def get_ways(self, found: Workload) -> dict[str, int]:
        return {way: count for way, count in sorted(found.work.by_way.items()) if way}


class TerritoryWorkloadApi(Endpoint):
    """Workload, capacity and potential of a territory."""

    filters = ("on",)

    @reads("territory_workload", WorkloadSerializer, ON)
    def get(self, request: Request, pk: int) -> Response:
        seen(Territory.objects.all(), reach(), pk)
        found = workload_below(reach(), pk, a_day(self.query, "on") or today())
        return Response(WorkloadSerializer(found).data)
