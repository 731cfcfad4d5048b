-- I-02 Every node adds up to the nodes directly below it and what is credited on it, by seat and by territory.
WITH inner_node AS (
    SELECT DISTINCT parent_id AS node FROM territories_edge WHERE superseded_at IS NULL AND parent_id IS NOT NULL
), leaf AS (
    SELECT place.node, cell.part_on, cell.month_on, cell.kind, sum(place.seat) AS seat, sum(place.territory) AS territory
    FROM quotas_leafcell cell
    CROSS JOIN LATERAL (
        VALUES (cell.seat_id, cell.amount_minor, 0), (cell.territory_id, 0, cell.amount_minor)
    ) place (node, seat, territory)
    WHERE %(months)s::date[] IS NULL OR cell.month_on = ANY(%(months)s::date[])
    GROUP BY 1, 2, 3, 4
), below AS (
    SELECT coalesce(i.node, e.parent_id) AS node, leaf.month_on, leaf.kind, leaf.seat, leaf.territory
    FROM leaf
    LEFT JOIN inner_node i ON i.node = leaf.node
    LEFT JOIN territories_edge e ON e.child_id = leaf.node AND e.superseded_at IS NULL AND e.starts_on <= leaf.part_on
        AND coalesce(e.stops_on, 'infinity') > leaf.part_on
    UNION ALL
    SELECT parent_id, month_on, kind, amount_minor, territory_minor FROM quotas_nodecell
    WHERE parent_id IS NOT NULL AND (%(months)s::date[] IS NULL OR month_on = ANY(%(months)s::date[]))
), expected AS (
    SELECT node, month_on, kind, sum(seat) AS seat, sum(territory) AS territory
    FROM below WHERE node IS NOT NULL GROUP BY 1, 2, 3
), found AS (
    SELECT node_id AS node, month_on, kind, sum(amount_minor) AS seat, sum(territory_minor) AS territory
    FROM quotas_nodecell WHERE %(months)s::date[] IS NULL OR month_on = ANY(%(months)s::date[])
    GROUP BY 1, 2, 3
)
SELECT format('territory %%s in the month from %%s, %%s: %%s by seat and %%s by territory, but %%s and %%s below it, '
              'in minor units', coalesce(t.code, node::text), month_on, found.kind, found.seat, found.territory,
              expected.seat, expected.territory)
FROM found FULL JOIN expected USING (node, month_on, kind)
LEFT JOIN (SELECT id, code FROM territories_territory) t ON t.id = node
WHERE coalesce(found.seat, 0) <> coalesce(expected.seat, 0)
   OR coalesce(found.territory, 0) <> coalesce(expected.territory, 0)
ORDER BY month_on, node, kind
LIMIT 5
