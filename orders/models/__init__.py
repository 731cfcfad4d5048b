"""Order intake: orders, what happened to them, and the ledger of credits."""

from orders.models.disputes import MOST_SAID, Dispute
from orders.models.ledger import Basis, Credit, CreditQuerySet, DirtyCell, LedgerHead
from orders.models.orders import (
    BookingEvent,
    Order,
    OrderLine,
    OrderQuerySet,
    OrderRequest,
    Participant,
    SplitShare,
)

__all__ = [
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
    "SplitShare",
]
