-- I-18 A territory has one place in the tree a day.
SELECT format('territory %%s from %%s', t.code, greatest(a.starts_on, b.starts_on))
FROM territories_edge a
JOIN territories_edge b ON b.child_id = a.child_id AND b.id > a.id AND b.superseded_at IS NULL
    AND b.starts_on < coalesce(a.stops_on, 'infinity') AND a.starts_on < coalesce(b.stops_on, 'infinity')
JOIN territories_territory t ON t.id = a.child_id
WHERE a.superseded_at IS NULL
ORDER BY a.id, b.id
LIMIT 5
