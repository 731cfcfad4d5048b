-- I-15 The fiscal day before is published: none is passed over, and those that were missed come in their order.
SELECT format('%%s, while the last day before it with a published run is %%s', %(as_of)s::date, max(as_of))
FROM common_run
WHERE job = 'attainment' AND state = 'published' AND as_of < %(as_of)s::date
HAVING max(as_of) < %(as_of)s::date - 1
