-- I-16 What is dated holds at least one day, and ends after it began.
SELECT format('%%s %%s from %%s until %%s', what, id, starts_on, stops_on)
FROM (
    SELECT 'place in the tree' AS what, id, starts_on, stops_on FROM territories_edge
    UNION ALL SELECT 'seat', id, starts_on, stops_on FROM territories_seat
    UNION ALL SELECT 'quota', id, starts_on, stops_on FROM quotas_quota
    UNION ALL SELECT 'rate', id, starts_on, stops_on FROM common_rate
) dated
WHERE stops_on <= starts_on
ORDER BY what, id
LIMIT 5
