-- I-02 The company's figure is the sum of all cells, and the same by seat and by territory.
WITH inner_node AS (
    SELECT DISTINCT parent_id AS node FROM territories_edge WHERE superseded_at IS NULL AND parent_id IS NOT NULL
), leaf AS (
    SELECT cell.month_on, cell.kind,
           sum(cell.amount_minor) FILTER (WHERE i.node IS NOT NULL OR e.parent_id IS NOT NULL) AS amount
    FROM quotas_leafcell cell
    LEFT JOIN inner_node i ON i.node = cell.seat_id
    LEFT JOIN territories_edge e ON e.child_id = cell.seat_id AND e.superseded_at IS NULL
        AND e.starts_on <= cell.part_on AND coalesce(e.stops_on, 'infinity') > cell.part_on
    WHERE %(months)s::date[] IS NULL OR cell.month_on = ANY(%(months)s::date[])
    GROUP BY 1, 2
), root AS (
    SELECT month_on, kind, sum(amount_minor) AS seat, sum(territory_minor) AS territory
    FROM quotas_nodecell
    WHERE parent_id IS NULL AND (%(months)s::date[] IS NULL OR month_on = ANY(%(months)s::date[]))
    GROUP BY 1, 2
)
SELECT format('the month from %%s, %%s: %%s by seat, %%s by territory and %%s in all cells, in minor units', month_on,
              kind, coalesce(seat, 0), coalesce(territory, 0), coalesce(amount, 0))
FROM leaf FULL JOIN root USING (month_on, kind)
WHERE coalesce(seat, 0) <> coalesce(amount, 0) OR coalesce(territory, 0) <> coalesce(amount, 0)
ORDER BY month_on, kind
LIMIT 5
