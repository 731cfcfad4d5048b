-- I-14 The quarters of a fiscal year and the months of a quarter have each of its days, and once.
SELECT format('%%s, from %%s to %%s, with parts of %%s days in all', whole.code, whole.starts_on, whole.stops_on,
              sum(part.stops_on - part.starts_on))
FROM common_period whole JOIN common_period part ON part.parent_id = whole.id
GROUP BY whole.id
HAVING sum(part.stops_on - part.starts_on) <> whole.stops_on - whole.starts_on
    OR min(part.starts_on) <> whole.starts_on OR max(part.stops_on) <> whole.stops_on
ORDER BY whole.starts_on
LIMIT 5
