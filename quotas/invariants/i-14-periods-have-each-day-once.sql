-- I-14 The quarters of a fiscal year and the months of a quarter have each of its days, and once.
WITH part AS (
    SELECT parent_id, starts_on, stops_on, lead(starts_on) OVER (PARTITION BY parent_id ORDER BY starts_on) AS next_on
    FROM common_period WHERE parent_id IS NOT NULL
)
SELECT format('%%s, from %%s to %%s', whole.code, whole.starts_on, whole.stops_on)
FROM common_period whole LEFT JOIN part ON part.parent_id = whole.id
WHERE whole.kind IN ('year', 'quarter')
GROUP BY whole.id
HAVING min(part.starts_on) IS DISTINCT FROM whole.starts_on OR max(part.stops_on) IS DISTINCT FROM whole.stops_on
    OR count(*) FILTER (WHERE part.next_on <> part.stops_on) > 0
ORDER BY whole.starts_on
LIMIT 5
