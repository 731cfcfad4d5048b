-- I-01 The cells of every person and month add up to the entries of the ledger, for each family and kind of credit.
WITH day AS (
    SELECT d::date AS day, m.starts_on AS month_on
    FROM common_period m, generate_series(m.starts_on::timestamp, m.stops_on::timestamp - '1 day'::interval, '1 day') d
    WHERE m.kind = 'month' AND (%(months)s::date[] IS NULL OR m.starts_on = ANY(%(months)s::date[]))
), ledger AS (
    SELECT day.month_on, c.person_id, c.family_id, c.measure, c.kind, sum(c.plan_minor) AS amount, count(*) AS entries
    FROM orders_credit c JOIN day ON day.day = c.booked_on
    GROUP BY 1, 2, 3, 4, 5
), cell AS (
    SELECT month_on, person_id, family_id, measure, kind, sum(amount_minor) AS amount, sum(credits) AS entries
    FROM quotas_leafcell WHERE %(months)s::date[] IS NULL OR month_on = ANY(%(months)s::date[])
    GROUP BY 1, 2, 3, 4, 5
)
SELECT format('person %%s in the month from %%s, %%s: %%s in the cells, %%s in the ledger, in minor units', person_id,
              month_on, kind, coalesce(cell.amount, 0), coalesce(ledger.amount, 0))
FROM ledger FULL JOIN cell USING (month_on, person_id, family_id, measure, kind)
WHERE cell.amount IS DISTINCT FROM ledger.amount OR cell.entries IS DISTINCT FROM ledger.entries
ORDER BY month_on, person_id, kind, family_id
LIMIT 5
