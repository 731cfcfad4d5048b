"""What stands on a deal over the API: products and bundles, read and replaced as a whole."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Product
from common.access import seen
from common.api import Endpoint, StrictSerializer, body_of, edits, reads, version_of
from common.fields import AmountField, CurrencyField, ExactPercentField, IdField, OneOfField, WholeField
from common.http import person_id
from common.transaction import reach
from pipeline import services
from pipeline.models import Opportunity
from pipeline.selectors.lines import entries


class DealPartSerializer(StrictSerializer):
    """The line of a part of a bundle: how many in all, and what of the bundle's amount is its."""

    id = IdField(source="pk", read_only=True)
    product_id = IdField(read_only=True)
    kind = OneOfField(choices=Product.Kind.choices, read_only=True)
    quantity = WholeField(read_only=True)
    amount = AmountField(source="amount_minor", read_only=True)


class DealLineSerializer(StrictSerializer):
    """A product or a bundle on a deal. `price` is that of one, in the deal's currency; left out, the book's is taken.

    `discount` is in percent; `term_months` is for what recurs alone. `parts` are the lines of a bundle.
    """

    product_id = IdField(source="product.pk")
    quantity = WholeField()
    price = AmountField(source="price_minor", required=False)
    discount = ExactPercentField(required=False)
    term_months = WholeField(required=False, allow_null=True)
    tax = ExactPercentField(read_only=True, allow_null=True)
    amount = AmountField(source="amount_minor", read_only=True)
    parts = DealPartSerializer(source="shown_parts", many=True, read_only=True)


class DealLinesSerializer(StrictSerializer):
    """What stands on a deal, which makes its amount; without anything the amount stays."""

    version = WholeField(read_only=True)
    currency = CurrencyField(read_only=True)
    price_book_id = IdField(required=False, allow_null=True)
    lines = DealLineSerializer(many=True)


class OpportunityLineListApi(Endpoint):
    """The products and bundles of a deal."""

    @reads("opportunity_lines", DealLinesSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return _answer(pk)

    @edits("opportunity_lines_set", DealLinesSerializer, DealLinesSerializer)
    def put(self, request: Request, pk: int) -> Response:
        body = body_of(DealLinesSerializer, request, currency=_deal(pk).currency)
        lines = [services.LineInput(line.pop("product")["pk"], **line) for line in body.pop("lines")]
        version = version_of(request)
        services.set_lines(by=person_id(), opportunity_id=pk, version=version, lines=lines, **body)
        return _answer(pk)


def _deal(pk: int) -> Opportunity:
    deal: Opportunity = seen(Opportunity.objects.all(), reach(), pk)
    return deal


def _answer(pk: int) -> Response:
    deal = _deal(pk)
    shown: dict[str, Any] = {
        "version": deal.version,
        "currency": deal.currency,
        "price_book_id": deal.price_book_id,
        "lines": entries(deal),
    }
    return Response(DealLinesSerializer(shown, context={"currency": deal.currency}).data)
