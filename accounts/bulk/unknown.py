"""Values of rules that no account has, many at once."""

from collections.abc import Collection

from django.db import connection

from accounts.rules.conditions import POSTCODE

OF_NOBODY = """
SELECT asked.key FROM unnest(%s::text[]) AS asked(key) WHERE NOT EXISTS (
    SELECT FROM accounts_account a WHERE a.merged_into_id IS NULL AND {holds}
)
"""
BEGINS = (
    'a.postcode_key >= asked.key COLLATE "C" AND a.postcode_key < (asked.key || chr(1114111)) COLLATE "C"'
)


def of_nobody(kind: str, keys: Collection[str]) -> set[str]:
    """The keys of a kind of text, or beginnings of postal codes, that no account has, by one query."""
    holds = BEGINS if kind == POSTCODE else f'a.{kind}_key = asked.key COLLATE "C"'
    with connection.cursor() as cursor:
        cursor.execute(OF_NOBODY.format(holds=holds), [sorted(keys)])
        return {key for (key,) in cursor.fetchall()}
