-- I-10 The head of the ledger says how many entries there are, and which was the last.
SELECT format('%%s entries up to number %%s, and the head says %%s', counted.entries, counted.last, head.seq)
FROM orders_ledgerhead head, (SELECT count(*) AS entries, coalesce(max(ledger_seq), 0) AS last FROM orders_credit) counted
WHERE head.seq <> counted.entries OR head.seq <> counted.last
