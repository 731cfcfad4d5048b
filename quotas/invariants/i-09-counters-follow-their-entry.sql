-- I-09 A counter-entry stands after the entry that it takes back, of the same person, seat, territory and currency.
SELECT format('entry %%s, which takes back entry %%s', c.ledger_seq, first.ledger_seq)
FROM orders_credit c
JOIN orders_credit first ON first.id = c.reverses_id
WHERE first.ledger_seq >= c.ledger_seq
   OR (first.person_id, first.seat_id, first.territory_id, first.family_id, first.kind, first.currency)
      <> (c.person_id, c.seat_id, c.territory_id, c.family_id, c.kind, c.currency)
ORDER BY c.ledger_seq
LIMIT 5
