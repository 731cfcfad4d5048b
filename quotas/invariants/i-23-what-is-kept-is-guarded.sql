-- I-23 The triggers that keep the ledger, its events and splits, and dated rows from being changed stand.
SELECT format('%%s: %%s', kept.name, kept.guard)
FROM (VALUES
    ('orders_credit', 'append_only'), ('orders_credit', 'no_truncate'), ('orders_credit', 'b_head_next'),
    ('orders_bookingevent', 'append_only'), ('orders_bookingevent', 'no_truncate'),
    ('orders_splitshare', 'append_only'), ('orders_splitshare', 'no_truncate'), ('orders_splitshare', 'split_total'),
    ('territories_edge', 'supersede_once'), ('territories_edge', 'tree_cycle'),
    ('territories_seat', 'supersede_once'), ('quotas_quota', 'supersede_once'), ('common_rate', 'supersede_once')
) kept (name, guard)
WHERE NOT EXISTS (
    SELECT FROM pg_trigger g
    WHERE g.tgrelid = kept.name::regclass AND g.tgenabled IN ('O', 'A')
      AND starts_with(g.tgname, 'pgtrigger_' || kept.guard)
)
ORDER BY 1
LIMIT 5
