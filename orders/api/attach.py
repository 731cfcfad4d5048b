"""The attach rate over the API."""

from rest_framework.request import Request
from rest_framework.response import Response

from common.api import Endpoint, StrictSerializer, reads
from common.fields import AmountField, CurrencyField, IdField, LineField, RatioField, WholeField
from common.http import chosen
from common.selectors import today
from common.transaction import reach
from orders.selectors.attach import BY, attach_rates
from pipeline.api.insight import DAYS_AND_PLACE, answer_figures, told_by
from pipeline.forms.insight import DAYS, PLACE, asked_of


class AttachedSerializer(StrictSerializer):
    """The orders of one owner, territory or primary product: how many have something primary, and ancillary beside it.

    `bundled` of `value`: what of their lines came with bundles, in the reporting currency at today's current rates.
    """

    key = IdField()
    name = LineField(source="label")
    primary = WholeField()
    attached = WholeField()
    attach_rate = RatioField(source="rate", allow_null=True)
    bundled = AmountField(source="bundled_minor")
    value = AmountField(source="minor")
    bundle_share = RatioField(allow_null=True)


class AttachRateSerializer(StrictSerializer):
    """Attach rates and bundle shares told apart, the lowest attach rate first."""

    currency = CurrencyField()
    results = AttachedSerializer(many=True)


class AttachRateApi(Endpoint):
    """How often something ancillary was sold with something primary in some days, and how much in bundles: by the
    orders and lines of now, whatever was known earlier.
    """

    filters = (*DAYS, *PLACE, "by")
    asks = ("order", "read")

    @reads(
        "insight_attach_rate",
        AttachRateSerializer,
        *DAYS_AND_PLACE,
        told_by(BY),
    )
    def get(self, request: Request) -> Response:
        by, asked = chosen(self.query, "by", tuple(BY), "owner"), asked_of(self.query, today())
        return answer_figures(AttachRateSerializer, results=attach_rates(reach(), asked, by, today()))
