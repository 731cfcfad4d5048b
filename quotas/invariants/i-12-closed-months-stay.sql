-- I-12 Nothing was entered into a closed month after it was closed.
SELECT format('entry %%s in %%s, which was closed at entry %%s', c.ledger_seq, p.code, p.closed_seq)
FROM common_period p
JOIN orders_credit c ON c.booked_on >= p.starts_on AND c.booked_on < p.stops_on AND c.ledger_seq > p.closed_seq
WHERE p.kind = 'month' AND p.is_closed AND (%(months)s::date[] IS NULL OR p.starts_on = ANY(%(months)s::date[]))
ORDER BY c.ledger_seq
LIMIT 5
