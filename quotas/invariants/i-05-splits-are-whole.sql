-- I-05 The shares of an event in order intake, of all its lines or of one of them, total 100 percent.
SELECT format('event %%s, line %%s: %%s millionths of a percent', event_id, coalesce(line_id::text, 'all'), sum(weight))
FROM orders_splitshare
WHERE kind = 'revenue'
GROUP BY event_id, line_id
HAVING sum(weight) <> 100000000
ORDER BY event_id, line_id
LIMIT 5
