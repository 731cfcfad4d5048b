"""Winning as the tests do it in a line: what Settings ask for, a win, a contract, what is there afterwards."""

from datetime import date
from typing import Any

from common.access import Reach
from common.services import set_policy
from common.transaction import work
from orders.models import Order, OrderRequest
from orders.services import LineInput, win
from pipeline.models import Opportunity
from tests.cast import Cast
from workspace.models import Document

MAY = date(2026, 5, 12)


def asks(cast: Cast, acting: Any, what: str, name: str = "booking_asks") -> None:
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name=name, value=what)


def won(cast: Cast, name: str = "Acorn renewal", *, by: Any = None, **changes: Any) -> Order | OrderRequest:
    """A deal of the cast won with one licence of 1,000.00, unless said otherwise; for inside a transaction."""
    deal = Opportunity.objects.get(pk=cast.deals[name].pk)
    values: dict[str, Any] = {
        "by": (by or cast.rep).pk,
        "opportunity_id": deal.pk,
        "opportunity_version": deal.version,
        "booked_on": MAY,
        "lines": [LineInput(cast.products["Licence"].pk, 1, 1_000_00)],
        "shares": [],
        "motion": "new",
        **changes,
    }
    return win(**values)


def sign(cast: Cast, name: str = "Acorn renewal", **more: Any) -> Document:
    """A contract on the deal, put there by an administrator."""
    with work(by=cast.admin.pk, why="a contract", reach=Reach.everything()):
        link = {"name": "Contract", "url": "https://example.com/contract", "kind": Document.Kind.CONTRACT}
        about = {"subject": "opportunity", "subject_id": cast.deals[name].pk, "by": cast.admin}
        return Document.objects.create(**{**about, **link, **more})


def deal_now(cast: Cast, name: str = "Acorn renewal") -> Opportunity:
    with work(by=None, why="look", reach=Reach.everything()):
        found: Opportunity = Opportunity.objects.select_related("stage").get(pk=cast.deals[name].pk)
        return found


def requests() -> list[OrderRequest]:
    with work(by=None, why="look", reach=Reach.everything()):
        return list(OrderRequest.objects.order_by("pk"))
