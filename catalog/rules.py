"""What things cost: which price a deal takes, and what of a bundle's price each of its parts gets. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from common.money import allocate


class Source(StrEnum):
    """Where a price comes from."""

    BOOK = "book"
    USUAL = "usual"
    LIST = "list"


def first_price(chosen: int | None, usual: int | None, listed: int | None) -> tuple[int, Source] | None:
    """The price in minor units that a deal takes: its own book's, else the usual book's, else the list price.

    All three are in the deal's currency and of one day. None says that the price is typed.
    Example: (None, 1900, 1999) → 1900 of the usual book; (None, None, None) → None. 0 is a price.
    """
    for price, source in ((chosen, Source.BOOK), (usual, Source.USUAL), (listed, Source.LIST)):
        if price is not None:
            return price, source
    return None


def spread(total_minor: int, parts: Sequence[tuple[int, int | None]]) -> list[int]:
    """A bundle's price over its parts, each as (quantity, list price), by what they cost singly, to the last cent.

    A part without a list price takes nothing, unless no part costs anything: then they share by number. What is left
    over goes to the largest remainders, equal ones to the part that stands first. Unit: minor units.
    Example: 9999 over (1, 4000), (1, 6000), (1, 2000) → 3333, 5000, 1666.
    Raises ValueError without parts.
    """
    by_price = [quantity * (price or 0) for quantity, price in parts]
    return allocate(total_minor, by_price if any(by_price) else [quantity for quantity, _price in parts])


def family_and_below(family: int, parents: Mapping[int, int | None]) -> set[int]:
    """A family and all that lie below it; `parents` is each family's parent, None for one at the top.

    Example: 1 in {1: None, 2: 1, 3: 2, 4: None} → {1, 2, 3}.
    """
    found, fresh = {family}, {family}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found
