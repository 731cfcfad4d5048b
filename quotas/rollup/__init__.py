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
    work_out,
)
from quotas.rollup.digests import CODE_VERSION, is_behind, plan_mark, planned, rate_digest
from quotas.rollup.invariants import FOLDER, Invariant, broken_places, checked, invariants
from quotas.rollup.parts import (
    Part,
    drop,
    finished,
    forget,
    hand_in,
    offer,
    parts,
    publish_handed_in,
    taken,
)

__all__ = [
    "CODE_VERSION",
    "FOLDER",
    "Invariant",
    "Outcome",
    "Part",
    "aged_months",
    "broken_places",
    "checked",
    "digest_months",
    "drop",
    "finished",
    "forget",
    "hand_in",
    "invariants",
    "is_behind",
    "months_since",
    "offer",
    "output_digest",
    "parts",
    "plan_mark",
    "planned",
    "publish_handed_in",
    "quarter_totals",
    "rate_digest",
    "roll_up",
    "roll_up_dirty",
    "taken",
    "waiting_months",
    "work_out",
]
