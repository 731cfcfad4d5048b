-- I-17 A territory has at most one owner a day.
SELECT format('territory %%s from %%s: seats %%s and %%s', t.code, greatest(a.starts_on, b.starts_on), a.id, b.id)
FROM territories_seat a
JOIN territories_seat b ON b.territory_id = a.territory_id AND b.id > a.id AND b.kind = 'owner'
    AND b.superseded_at IS NULL AND b.starts_on < coalesce(a.stops_on, 'infinity')
    AND a.starts_on < coalesce(b.stops_on, 'infinity')
JOIN territories_territory t ON t.id = a.territory_id
WHERE a.kind = 'owner' AND a.superseded_at IS NULL
ORDER BY a.id, b.id
LIMIT 5
