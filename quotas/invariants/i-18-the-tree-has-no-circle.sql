-- I-18 No territory lies below itself, on any day.
WITH RECURSIVE up (child, node, starts_on, stops_on) AS (
    SELECT child_id, parent_id, starts_on, coalesce(stops_on, 'infinity'::date)
    FROM territories_edge WHERE superseded_at IS NULL AND parent_id IS NOT NULL
    UNION
    SELECT up.child, e.parent_id, greatest(up.starts_on, e.starts_on),
           least(up.stops_on, coalesce(e.stops_on, 'infinity'::date))
    FROM up JOIN territories_edge e ON e.child_id = up.node AND e.superseded_at IS NULL AND e.parent_id IS NOT NULL
        AND e.starts_on < up.stops_on AND coalesce(e.stops_on, 'infinity'::date) > up.starts_on
    WHERE up.node <> up.child
)
SELECT format('territory %%s from %%s', t.code, min(up.starts_on))
FROM up JOIN territories_territory t ON t.id = up.child
WHERE up.node = up.child
GROUP BY t.code
ORDER BY 1
LIMIT 5
