"""Who works on a deal and who gets its credit, over the API."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common.access import seen
from common.api import Endpoint, StrictSerializer, acts, body_of, edits, makes, reads, version_of
from common.fields import DayField, IdField, LineField, PercentField, WholeField
from common.http import person_id
from common.selectors import today
from common.transaction import reach
from pipeline import services
from pipeline.models import Opportunity
from pipeline.rules.splits import Shares
from pipeline.selectors.sharing import waiting_split
from pipeline.selectors.team import credits_of, team_of


class TeamMemberSerializer(StrictSerializer):
    """Somebody works on a deal on `[starts_on, stops_on)`; without `starts_on` from today on."""

    id = IdField(read_only=True)
    person_id = IdField()
    role = LineField(max_length=80, required=False, allow_blank=True)
    starts_on = DayField(required=False)
    stops_on = DayField(read_only=True, allow_null=True)


class TeamSerializer(StrictSerializer):
    """Who works on a deal today or will."""

    members = TeamMemberSerializer(many=True)


class TeamRoleSerializer(StrictSerializer):
    """Another role from a day on, today if none is said."""

    role = LineField(max_length=80, allow_blank=True)
    starts_on = DayField(required=False)


class TeamEndSerializer(StrictSerializer):
    """The first day without them, today if none is said."""

    stops_on = DayField(required=False)


class SharePartSerializer(StrictSerializer):
    """A person's share of a deal's credit, in percent."""

    person_id = IdField()
    percent = PercentField(source="weight")


class DealSplitSerializer(StrictSerializer):
    """Who gets the credit on `[starts_on, stops_on)`: revenue shares total 100, overlay shares anything.

    `id` is null where there is no split: then the owner gets all of it.
    """

    id = IdField(read_only=True, allow_null=True)
    starts_on = DayField()
    stops_on = DayField(read_only=True, allow_null=True)
    reason = LineField(max_length=200, required=False, allow_blank=True)
    revenue = SharePartSerializer(many=True, allow_empty=False)
    overlay = SharePartSerializer(many=True, required=False, default=list)


class WaitingSplitSerializer(StrictSerializer):
    """A change of the split that waits for an answer: of a person, or of anybody of a role."""

    approval_id = IdField(source="pk")
    approver_id = IdField(allow_null=True)
    role = LineField(allow_blank=True)
    asked_by_id = IdField()


class DealSplitsSerializer(StrictSerializer):
    """Who gets the credit of a deal on which days, earliest first; `waiting` is a change that is not approved yet."""

    version = WholeField()
    splits = DealSplitSerializer(many=True)
    waiting = WaitingSplitSerializer(allow_null=True)


class TeamListApi(Endpoint):
    """The team of a deal."""

    @reads("opportunity_team", TeamSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(TeamSerializer({"members": team_of(_deal(pk), today())}).data)

    @makes("opportunity_team_add", TeamMemberSerializer, TeamMemberSerializer)
    def post(self, request: Request, pk: int) -> Response:
        body = body_of(TeamMemberSerializer, request)
        member = services.add_to_team(by=person_id(), opportunity_id=pk, **body)
        return Response(TeamMemberSerializer(member).data, status=201)


class TeamRoleApi(Endpoint):
    """Another role in the team of a deal."""

    @acts("opportunity_team_role", TeamRoleSerializer, TeamMemberSerializer)
    def post(self, request: Request, pk: int, member_id: int) -> Response:
        body = body_of(TeamRoleSerializer, request)
        member = services.change_role(by=person_id(), opportunity_id=pk, member_id=member_id, **body)
        return Response(TeamMemberSerializer(member).data)


class TeamEndApi(Endpoint):
    """Somebody leaves the team of a deal."""

    @acts("opportunity_team_end", TeamEndSerializer, TeamMemberSerializer)
    def post(self, request: Request, pk: int, member_id: int) -> Response:
        body = body_of(TeamEndSerializer, request)
        member = services.end_in_team(by=person_id(), opportunity_id=pk, member_id=member_id, **body)
        return Response(TeamMemberSerializer(member).data)


class OpportunitySplitApi(Endpoint):
    """Who gets the credit of a deal."""

    @reads("opportunity_splits", DealSplitsSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(pk)

    @edits("opportunity_split_set", DealSplitSerializer, DealSplitsSerializer)
    def put(self, request: Request, pk: int) -> Response:
        body = body_of(DealSplitSerializer, request)
        for kind in ("revenue", "overlay"):
            body[kind] = [services.PartInput(**part) for part in body[kind]]
        services.set_split(by=person_id(), opportunity_id=pk, version=version_of(request), **body)
        return _answer(pk)


def _deal(pk: int) -> Opportunity:
    deal: Opportunity = seen(Opportunity.objects.all(), reach(), pk)
    return deal


def _answer(pk: int) -> Response:
    deal = _deal(pk)
    splits = [
        {
            "id": credit.split.pk if credit.split else None,
            "starts_on": credit.starts_on,
            "stops_on": credit.stops_on,
            "reason": credit.split.reason if credit.split else "",
            "revenue": _parts(credit.revenue),
            "overlay": _parts(credit.overlay),
        }
        for credit in credits_of(deal)
    ]
    shown: dict[str, Any] = {"version": deal.version, "splits": splits, "waiting": waiting_split(pk)}
    return Response(DealSplitsSerializer(shown).data)


def _parts(shares: Shares) -> list[dict[str, int]]:
    return [{"person_id": person, "weight": weight} for person, weight in shares.items()]
