-- I-29 What was done under a key was answered, and the answer is kept with it.
SELECT format('key %%s of person %%s', key, person_id)
FROM common_idempotencykey
WHERE status IS NULL OR status >= 400
ORDER BY id
LIMIT 5
