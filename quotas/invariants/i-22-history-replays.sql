-- I-22 What history says last of a row is how the row stands. A night looks at a seventh of them.
-- A migration may write rows without their history: what was said before the last one is not compared.
WITH kept AS (
    SELECT t.relname AS name, string_agg(format('r.%%I', a.attname), ', ') AS stands,
           string_agg(format('h.%%I', a.attname), ', ') AS said
    FROM pg_class t
    JOIN pg_class e ON e.relname = t.relname || 'event' AND e.relnamespace = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_attribute b ON b.attrelid = e.oid AND b.attname = a.attname AND NOT b.attisdropped
    WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace
      AND EXISTS (SELECT FROM pg_attribute o WHERE o.attrelid = e.oid AND o.attname = 'pgh_obj_id')
    GROUP BY t.relname
)
SELECT format('%%s %%s', name, id)
FROM kept, unnest(xpath('/table/row/id/text()', query_to_xml(format(
    'SELECT r.id FROM (SELECT DISTINCT ON (pgh_obj_id) * FROM %%I WHERE coalesce(pgh_obj_id %%%% 7 = %%s, true) '
    'ORDER BY pgh_obj_id, pgh_id DESC) h JOIN %%I r ON r.id = h.pgh_obj_id WHERE (%%s) IS DISTINCT FROM (%%s) '
    'AND h.pgh_created_at > (SELECT max(applied) FROM django_migrations) LIMIT 5',
    name || 'event', coalesce(extract(dow FROM %(as_of)s::date)::text, 'NULL'), name, stands, said
), true, false, ''))) id
ORDER BY name, id::text
LIMIT 5
