"""Acts on people, roles, the territory tree and its seats."""

from territories.services.importing import apply_import, ensure_unassigned
from territories.services.people import create_person, edit_profile, end_role, grant_role
from territories.services.seats import end_seat, seat_person
from territories.services.tokens import make_token, revoke_token
from territories.services.tree import create_territory, edit_territory, move_territory

__all__ = [
    "apply_import",
    "create_person",
    "create_territory",
    "edit_profile",
    "edit_territory",
    "end_role",
    "end_seat",
    "ensure_unassigned",
    "grant_role",
    "make_token",
    "move_territory",
    "revoke_token",
    "seat_person",
]
