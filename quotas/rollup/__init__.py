"""The roll-up: the cells and what they come to, what they were made of, and what must hold of them."""

from quotas.rollup.cells import (
    Outcome,
    aged_months,
    digest_months,
    months_since,
    output_digest,
    quarter_totals,
    roll_up,
    roll_up_dirty,
    waiting_months,
)
from quotas.rollup.digests import CODE_VERSION, is_behind, plan_mark, planned, rate_digest
from quotas.rollup.invariants import FOLDER, Invariant, broken_places, checked, invariants

__all__ = [
    "CODE_VERSION",
    "FOLDER",
    "Invariant",
    "Outcome",
    "aged_months",
    "broken_places",
    "checked",
    "digest_months",
    "invariants",
    "is_behind",
    "months_since",
    "output_digest",
    "plan_mark",
    "planned",
    "quarter_totals",
    "rate_digest",
    "roll_up",
    "roll_up_dirty",
    "waiting_months",
]
