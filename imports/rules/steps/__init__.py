"""The tables of the set-up: which columns each has, and how its lines become the product's entities. Pure.

A table is a profile that comes along: its columns are fixed, and so is what they are read into. Columns that begin with
a small letter stand in no file: they are worked out for each line before it is read (`imports/selectors/prepare`).
"""

from imports.rules.steps.accounts import ACCOUNTS, MODULES, POTENTIALS, REALIGNMENT
from imports.rules.steps.company import PEOPLE, PRODUCTS, TERRITORIES
from imports.rules.steps.selling import LEADS, OPENINGS, OPPORTUNITIES, QUOTAS
from imports.rules.steps.shape import MOST_LINES, Column, Part, Step, parts_of

__all__ = ["MOST_LINES", "STEPS", "Column", "Part", "Step", "parts_of"]

_IN_ORDER = (
    TERRITORIES,
    PEOPLE,
    PRODUCTS,
    ACCOUNTS,
    MODULES,
    LEADS,
    OPPORTUNITIES,
    QUOTAS,
    OPENINGS,
    POTENTIALS,
    REALIGNMENT,
)
STEPS: dict[str, Step] = {step.name: step for step in _IN_ORDER}
"""Each table by its name, in the order in which they are filled in."""
