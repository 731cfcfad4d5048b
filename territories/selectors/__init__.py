"""Who sits where on which day, the tree, and what a person may reach."""

from territories.selectors.book import (
    book_of,
    book_of_person,
    in_words,
    places_of_territory,
)
from territories.selectors.people import (
    administrators,
    as_choices,
    grants_of_person,
    people_choices,
    people_list,
)
from territories.selectors.reach import (
    reach_for,
    reaches_for,
    today_of,
    token_digest,
    token_for,
)
from territories.selectors.seats import (
    SEAT_ORDER,
    Doubled,
    Gap,
    doubled_within,
    gaps_within,
    owner_of,
    seat_finder,
    seats_of_person,
    seats_of_territory,
)
from territories.selectors.tree import (
    CHAINS,
    Node,
    coming_choices,
    has_tree,
    subtree_within,
    territory_choices,
    tree_on,
    unassigned,
)

__all__ = [
    "CHAINS",
    "SEAT_ORDER",
    "Doubled",
    "Gap",
    "Node",
    "administrators",
    "as_choices",
    "book_of",
    "book_of_person",
    "coming_choices",
    "doubled_within",
    "gaps_within",
    "grants_of_person",
    "has_tree",
    "in_words",
    "owner_of",
    "people_choices",
    "people_list",
    "places_of_territory",
    "reach_for",
    "reaches_for",
    "seat_finder",
    "seats_of_person",
    "seats_of_territory",
    "subtree_within",
    "territory_choices",
    "today_of",
    "token_digest",
    "token_for",
    "tree_on",
    "unassigned",
]
