"""Accounts in reach: lists and suggestions; where an account is on a day, and what is in no territory."""

from accounts.selectors.accounts import (
    FAMILY,
    Search,
    account_list,
    account_suggest,
    industries,
    named,
)
from accounts.selectors.places import (
    ending_assignments,
    holds,
    placed,
    territory_finder,
    territory_on,
    unassigned_accounts,
)

__all__ = [
    "FAMILY",
    "Search",
    "account_list",
    "account_suggest",
    "ending_assignments",
    "holds",
    "industries",
    "named",
    "placed",
    "territory_finder",
    "territory_on",
    "unassigned_accounts",
]
