-- I-31 A delivery that arrived was sent and answered with success, and a mail that left was taken before.
SELECT place
FROM (
    SELECT format('delivery %%s, %%s', id, state) AS place FROM workspace_webhookdelivery
    WHERE (state <> 'waiting' AND tries = 0)
       OR (state = 'delivered' AND (tried_at IS NULL OR status IS NULL OR status NOT BETWEEN 200 AND 299))
    UNION ALL
    SELECT format('message %%s', id) FROM workspace_message
    WHERE mailed_at IS NOT NULL AND (mail_taken_at IS NULL OR mail_tries = 0)
) broken
ORDER BY place
LIMIT 5
