"""Order intake: orders, what happened to them, and the ledger of credits."""

from orders.models.disputes import MOST_SAID, Dispute
from orders.models.ledger import Basis, Credit, CreditQuerySet, DirtyCell, LedgerHead
from orders.models.orders import (
    BookingEvent,
    Order,
    OrderLine,
    OrderQuerySet,
    Participant,
    SplitShare,
)
from orders.models.requests import MOST_POINT, OrderRequest, ReviewPoint, ReviewTick, points_for

__all__ = [
    "MOST_POINT",
    "MOST_SAID",
    "Basis",
    "BookingEvent",
    "Credit",
    "CreditQuerySet",
    "DirtyCell",
    "Dispute",
    "LedgerHead",
    "Order",
    "OrderLine",
    "OrderQuerySet",
    "OrderRequest",
    "Participant",
    "ReviewPoint",
    "ReviewTick",
    "SplitShare",
    "points_for",
]
