-- I-08 An entry of the ledger is converted at rates of its own currency, one for plan money and one booked.
SELECT format('entry %%s in %%s', c.ledger_seq, c.currency)
FROM orders_credit c
JOIN common_rate r ON r.id = c.plan_rate_id
LEFT JOIN common_rate b ON b.id = c.booked_rate_id
WHERE r.currency <> c.currency OR r.kind <> 'plan' OR b.currency <> c.currency OR b.kind <> 'booked'
ORDER BY c.ledger_seq
LIMIT 5
