"""Order intake: orders, what happened to them, and the ledger of credits."""

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
    "Basis",
    "BookingEvent",
    "Credit",
    "CreditQuerySet",
    "DirtyCell",
    "LedgerHead",
    "Order",
    "OrderLine",
    "OrderQuerySet",
    "OrderRequest",
    "Participant",
    "SplitShare",
]
