"""What pages ask of orders and of the ledger: one function is one answer."""

from orders.selectors.credits import (
    BASES,
    KINDS,
    CreditFilter,
    CreditRow,
    CreditTotal,
    credit_total,
    credits_of,
    explained,
    percent_text,
)
from orders.selectors.orders import (
    OrderDetail,
    OrderRow,
    ShareRow,
    newest_orders,
    oldest_waiting,
    order_detail,
    order_of_deal,
    order_rows,
    orders_in,
    orders_of_account,
    valued_orders,
)

__all__ = [
    "BASES",
    "KINDS",
    "CreditFilter",
    "CreditRow",
    "CreditTotal",
    "OrderDetail",
    "OrderRow",
    "ShareRow",
    "credit_total",
    "credits_of",
    "explained",
    "newest_orders",
    "oldest_waiting",
    "order_detail",
    "order_of_deal",
    "order_rows",
    "orders_in",
    "orders_of_account",
    "percent_text",
    "valued_orders",
]
