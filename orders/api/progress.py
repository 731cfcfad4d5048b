"""What becomes of an order on its way to cash, over the API."""

from rest_framework.request import Request
from rest_framework.response import Response

from common.api import Endpoint, StrictSerializer, body_of, edits, version_of
from common.fields import DayField
from common.http import person_id
from orders import services
from orders.api.orders import OrderSerializer, written


class ProgressSerializer(StrictSerializer):
    """When an order was delivered, invoiced and paid; null where it was not yet. Its state follows."""

    delivered_on = DayField(allow_null=True)
    invoiced_on = DayField(allow_null=True)
    paid_on = DayField(allow_null=True)


class OrderProgressApi(Endpoint):
    """Noting when an order was delivered, invoiced and paid."""

    @edits("order_progress", ProgressSerializer, OrderSerializer)
    def post(self, request: Request, pk: int) -> Response:
        days = body_of(ProgressSerializer, request)
        services.note_progress(by=person_id(), order_id=pk, version=version_of(request), **days)
        return written(pk)
