"""How far the pipeline reaches."""

from fractions import Fraction
from typing import Literal


def pipeline_coverage(open_value: int, quota: int | None, closed: int) -> Fraction | Literal["met"] | None:
    """Open pipeline closing in the period ÷ (quota - closed): how often it covers what is still missing.

    "met" when nothing is missing; None without a quota above 0.
    Example: open 1800, quota 1000, closed 400 → 3 (not 1.8). Raises nothing.
    """
    if quota is None or quota <= 0:
        return None
    return Fraction(open_value, quota - closed) if closed < quota else "met"
