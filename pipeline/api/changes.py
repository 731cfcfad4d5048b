"""Deals, leads and activities read on over the API: what changed since a program read them last."""

from rest_framework.request import Request
from rest_framework.response import Response

from common.incremental import ChangesEndpoint, reads_on
from pipeline.api.activities import ActivitySerializer
from pipeline.api.leads import LeadSerializer
from pipeline.api.opportunities import OpportunitySerializer
from pipeline.models import Activity, Lead, Opportunity


class OpportunityChangesApi(ChangesEndpoint):
    """The deals that changed; one that was merged into another one is gone."""

    @reads_on("opportunity_changes", OpportunitySerializer)
    def get(self, request: Request) -> Response:
        return self.answer(Opportunity.objects.standing(), OpportunitySerializer)


class LeadChangesApi(ChangesEndpoint):
    """The leads that changed."""

    @reads_on("lead_changes", LeadSerializer)
    def get(self, request: Request) -> Response:
        return self.answer(Lead.objects.all(), LeadSerializer)


class ActivityChangesApi(ChangesEndpoint):
    """The activities that changed."""

    @reads_on("activity_changes", ActivitySerializer)
    def get(self, request: Request) -> Response:
        return self.answer(Activity.objects.prefetch_related("contacts"), ActivitySerializer)
