-- I-24 The snapshots of the last seven nights are what they were when they were kept.
SELECT r.as_of::text
FROM common_run r
LEFT JOIN forecasts_snapshotline l ON l.as_of = r.as_of
WHERE r.job = 'forecast' AND r.state = 'published' AND r.input_hash <> '' AND r.as_of >= %(as_of)s::date - 7
GROUP BY r.id
HAVING r.input_hash <> encode(sha256(convert_to(r.as_of || E'\n' || coalesce(string_agg(
    concat_ws('|', l.opportunity_id, l.owner_id, l.territory_id, l.stage_id, l.category, l.close_on, l.currency,
              coalesce(l.amount_minor::text, '-'), coalesce(l.plan_minor::text, '-')), E'\n'
    ORDER BY l.opportunity_id) FILTER (WHERE l.id IS NOT NULL), ''), 'UTF8')), 'hex')
ORDER BY r.as_of
LIMIT 5
