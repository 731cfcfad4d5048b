"""Customers by the thousand: brought in, moved, and decided about by rules."""

from accounts.bulk.ordered import note_first_days
from accounts.bulk.places import due_places, move_accounts, write_accounts, write_places
from accounts.bulk.ruled import families
from accounts.bulk.unknown import of_nobody

__all__ = [
    "due_places",
    "families",
    "move_accounts",
    "note_first_days",
    "of_nobody",
    "write_accounts",
    "write_places",
]
