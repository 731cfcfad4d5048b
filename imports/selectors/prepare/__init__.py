"""What is worked out for each line of a table before it is read: numbers, places, codes, what an empty cell means."""

from collections.abc import Callable, Collection

from imports.rules.rows import Lines, Wrong
from imports.selectors.known import Known
from imports.selectors.prepare.accounts import accounts, modules, potentials, realignment
from imports.selectors.prepare.company import people, products, territories
from imports.selectors.prepare.selling import leads, openings, opportunities, quotas
from imports.selectors.prepare.work import Made, Preparation

__all__ = ["prepared"]

Prepared = tuple[Lines, list[Wrong], list[str]]


def prepared(name: str, known: Known, label: str, lines: Lines, header: Collection[str]) -> Prepared:
    """The lines of that table with their worked-out cells, what is wrong with them, and what is worth a look."""
    work = Preparation(known, label, lines, header)
    made = list(PREPARE[name](work))
    return made, work.wrong, work.notes


PREPARE: dict[str, Callable[[Preparation], Made | Lines]] = {
    "territories": territories,
    "people": people,
    "products": products,
    "accounts": accounts,
    "modules": modules,
    "leads": leads,
    "opportunities": opportunities,
    "quotas": quotas,
    "openings": openings,
    "potentials": potentials,
    "realignment": realignment,
}
