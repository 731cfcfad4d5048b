"""Whose turn it is: acts that would wait for each other further on wait here, before they lock an account.

The order of all locks: docs/architecture.md, *Whose turn it is*.
"""

from django.db import connection

PLACES = "LOCK TABLE accounts_accountterritory, accounts_hold IN ROW EXCLUSIVE MODE"
FAMILIES = "SELECT pg_advisory_xact_lock(hashtext('account_family'))"


def wait_for_runs() -> None:
    """Wait until no run of the rules writes; then none begins until the act ends. Before an account is locked."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES)


def lock_families() -> None:
    """Let one act at a time say which account lies below which: two at once could close a ring."""
    with connection.cursor() as cursor:
        cursor.execute(FAMILIES)
