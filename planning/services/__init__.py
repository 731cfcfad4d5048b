"""People leave with a hand-over, and come back."""

from planning.services.assign import (
    Assigned,
    assign_or_ask,
    check_module_move,
    move_module_or_ask,
    place_or_ask,
)
from planning.services.handover import Handed, apply_due_hand_overs, drop_hand_over, hand_over_seat
from planning.services.people import Moved, come_back, leave
from planning.services.seats import ask_credit, record_seat
from planning.services.tree import (
    MOST_PARTS,
    Merged,
    Part,
    follow_mergers,
    merge_territory,
    retire_territory,
    split_territory,
)

__all__ = [
    "MOST_PARTS",
    "Assigned",
    "Handed",
    "Merged",
    "Moved",
    "Part",
    "apply_due_hand_overs",
    "ask_credit",
    "assign_or_ask",
    "check_module_move",
    "come_back",
    "drop_hand_over",
    "follow_mergers",
    "hand_over_seat",
    "leave",
    "merge_territory",
    "move_module_or_ask",
    "place_or_ask",
    "record_seat",
    "retire_territory",
    "split_territory",
]
