"""What accounts could buy, and the norms behind the work that they ask for, over the API."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services
from accounts.models import Account, CoverageModel, Potential, TouchNorm
from accounts.models.potential import MOST_MINUTES, MOST_TOUCHES
from common.access import known, seen
from common.api import (
    ON,
    Endpoint,
    StrictSerializer,
    answer_page,
    body_of,
    lists,
    makes,
    only,
)
from common.errors import Refused
from common.fields import AmountField, DayField, FlagField, IdField, LineField, OneOfField, WholeField
from common.http import a_day, person_id, whole
from common.models import Period
from common.selectors import today
from common.transaction import reach

ACCOUNT = only("account", "Only those of this account, by its id.")


class SaidPotentialSerializer(StrictSerializer):
    """What somebody said that an account could buy of a family in a fiscal year, in the reporting currency.

    Of several the one of the newest day `counts`, of one day the last. Without an amount it is not known any more.
    """

    account_id = IdField()
    family_id = IdField()
    year = LineField(max_length=16, source="year.code", help_text="A fiscal year's code, such as 2026.")
    amount = AmountField(source="amount_minor", allow_null=True)
    as_of = DayField()
    source = LineField(  # type: ignore[assignment]
        max_length=120, required=False, allow_blank=True
    )


class PotentialSerializer(SaidPotentialSerializer):
    """The same as it is kept."""

    id = IdField()
    counts = FlagField()
    recorded_by_id = IdField(allow_null=True)
    recorded_at = serializers.DateTimeField()


class NormSerializer(StrictSerializer):
    """How often accounts of a segment and tier are to be touched a year, and how many minutes a touch takes."""

    id = IdField(read_only=True)
    segment = LineField(max_length=80, allow_blank=True)
    tier = LineField(max_length=80, allow_blank=True)
    touches = WholeField(min_value=0, max_value=MOST_TOUCHES)
    minutes = WholeField(min_value=0, max_value=MOST_MINUTES)
    starts_on = DayField()
    stops_on = DayField(read_only=True, allow_null=True)
    reason = LineField(max_length=200, required=False, allow_blank=True)


class CoverageModelSerializer(StrictSerializer):
    """How accounts of a segment are sold to."""

    id = IdField(read_only=True)
    segment = LineField(max_length=80)
    way = OneOfField(choices=CoverageModel.Way.choices)
    starts_on = DayField()
    stops_on = DayField(read_only=True, allow_null=True)
    reason = LineField(max_length=200, required=False, allow_blank=True)


def _year(code: str) -> Period:
    """Raises Refused for a fiscal year that the calendar has not."""
    years = Period.objects.filter(kind=Period.Kind.YEAR)
    year: Period | None = years.filter(code=code).first()
    if year is None:
        message = _("The calendar has no such fiscal year. It has: %(known)s.")
        codes = ", ".join(years.values_list("code", flat=True))
        raise Refused(message % {"known": codes}, path="year", code="unknown_year")
    return year


def _potentials() -> QuerySet[Potential]:
    """What was said of accounts in reach, and whether it counts."""
    same = {name: OuterRef(name) for name in ("account", "family", "year")}
    newer = Q(as_of__gt=OuterRef("as_of")) | Q(as_of=OuterRef("as_of"), pk__gt=OuterRef("pk"))
    counts = ~Exists(Potential.objects.filter(newer, **same))
    rows: QuerySet[Potential] = Potential.objects.visible_to(reach()).annotate(counts=counts)
    return rows.select_related("year")


class PotentialListApi(Endpoint):
    """What was said that the accounts in reach could buy, and saying it of one."""

    filters = ("account", "after")

    @lists("potential_list", PotentialSerializer, ACCOUNT)
    def get(self, request: Request) -> Response:
        rows, account = _potentials(), whole(self.query, "account")
        rows = rows if account is None else rows.filter(account=account)
        return answer_page(rows, ["id"], self.query.get("after"), PotentialSerializer)

    @makes("potential_set", SaidPotentialSerializer, PotentialSerializer)
    def post(self, request: Request) -> Response:
        body = body_of(SaidPotentialSerializer, request)
        seen(Account.objects.all(), reach(), body["account_id"])
        year = _year(body.pop("year")["code"])
        said = services.set_potential(by=person_id(), year_id=year.pk, **body)
        return Response(PotentialSerializer(_potentials().get(pk=said.pk)).data, status=201)


class TouchNormListApi(Endpoint):
    """The norms of a day, and a new one from a day on."""

    asks = known("touch_norm", "update")
    filters = ("on", "after")

    @lists("touch_norm_list", NormSerializer, ON)
    def get(self, request: Request) -> Response:
        rows = TouchNorm.objects.on(a_day(self.query, "on") or today())
        return answer_page(rows, ["id"], self.query.get("after"), NormSerializer)

    @makes("touch_norm_set", NormSerializer, NormSerializer)
    def post(self, request: Request) -> Response:
        norm = services.set_norm(by=person_id(), **body_of(NormSerializer, request))
        return Response(NormSerializer(norm).data, status=201)


class CoverageModelListApi(Endpoint):
    """How each segment is sold to on a day, and from a day on."""

    asks = known("coverage_model", "update")
    filters = ("on", "after")

    @lists("coverage_model_list", CoverageModelSerializer, ON)
    def get(self, request: Request) -> Response:
        rows = CoverageModel.objects.on(a_day(self.query, "on") or today())
        return answer_page(rows, ["id"], self.query.get("after"), CoverageModelSerializer)

    @makes("coverage_model_set", CoverageModelSerializer, CoverageModelSerializer)
    def post(self, request: Request) -> Response:
        model = services.set_coverage_model(by=person_id(), **body_of(CoverageModelSerializer, request))
        return Response(CoverageModelSerializer(model).data, status=201)
