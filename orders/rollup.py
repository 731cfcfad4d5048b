"""The ledger looked at as a whole: is its chain unbroken, and does it say what the orders say?"""

from dataclasses import dataclass

from django.db import connection

from common.transaction import widened

FIRST_BROKEN = """
SELECT ledger_seq FROM (
    SELECT c.ledger_seq, c.hash, orders_credit_text(c) AS text,
           lag(c.ledger_seq, 1, 0::bigint) OVER in_order AS seq_before,
           lag(c.hash, 1, '') OVER in_order AS hash_before
    FROM orders_credit c WHERE c.ledger_seq >= %(since)s WINDOW in_order AS (ORDER BY c.ledger_seq)
) chained
WHERE ledger_seq > %(since)s
  AND (ledger_seq <> seq_before + 1 OR hash <> encode(sha256(convert_to(hash_before || '|' || text, 'UTF8')), 'hex'))
ORDER BY ledger_seq LIMIT 1
"""

HEAD_GAP = """
SELECT coalesce(last.seq, 0) + 1
FROM orders_ledgerhead head
LEFT JOIN (SELECT ledger_seq AS seq, hash FROM orders_credit ORDER BY ledger_seq DESC LIMIT 1) last ON true
WHERE head.seq <> coalesce(last.seq, 0) OR head.hash <> coalesce(last.hash, '')
"""

UNEQUAL_EVENTS = """
SELECT e.id FROM orders_bookingevent e
LEFT JOIN (
    SELECT event_id, sum(amount_minor) AS total, count(DISTINCT currency) AS currencies
    FROM orders_credit
    WHERE kind <> 'overlay' AND (
        %(since)s = 0 OR event_id IN (SELECT event_id FROM orders_credit WHERE ledger_seq > %(since)s)
    )
    GROUP BY event_id
) c ON c.event_id = e.id
WHERE (e.amount_minor <> coalesce(c.total, 0) OR c.currencies > 1) AND (%(since)s = 0 OR c.event_id IS NOT NULL)
ORDER BY e.id
"""

UNEQUAL_ORDERS = """
SELECT DISTINCT e.order_id FROM (
    SELECT id, order_id, kind, sum(amount_minor) OVER (PARTITION BY order_id ORDER BY id) AS value
    FROM orders_bookingevent WHERE order_id IS NOT NULL AND (%(since)s = 0 OR order_id IN (
        SELECT b.order_id FROM orders_credit c JOIN orders_bookingevent b ON b.id = c.event_id
        WHERE c.ledger_seq > %(since)s))
) e
LEFT JOIN (
    SELECT event_id, sum(amount_minor - renewed_minor) AS total FROM orders_orderline GROUP BY event_id
) l ON l.event_id = e.id
WHERE e.kind NOT IN ('cancellation', 'opening') AND e.value <> coalesce(l.total, 0)
ORDER BY 1
"""


@dataclass(frozen=True)
class LedgerCheck:
    """What a look at the whole ledger found: the first entry out of the chain, events and orders that disagree."""

    broken_at: int | None
    events: list[int]
    orders: list[int]

    @property
    def is_sound(self) -> bool:
        return self.broken_at is None and not self.events and not self.orders


def verify_ledger(since: int = 0) -> LedgerCheck:
    """Work every hash out again and compare credits with events and events with lines, in one pass each.

    `since`: only the entries after that sequence number, and the events and orders that they belong to.
    `broken_at` is the sequence number of the first entry that is not what was posted, or is missing.
    """
    with widened("credit", "booking_event", "order", "order_line"):
        broken = _column(FIRST_BROKEN, since) + _column(HEAD_GAP, since)
        return LedgerCheck(
            min(broken, default=None), _column(UNEQUAL_EVENTS, since), _column(UNEQUAL_ORDERS, since)
        )


def _column(query: str, since: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"since": since})
        return [row[0] for row in cursor.fetchall()]
