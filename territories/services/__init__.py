"""Acts on people, roles, the territory tree and its seats."""

from territories.services.admins import create_admin
from territories.services.importing import apply_import, undo_import
from territories.services.leaving import deactivate, reactivate, succeed
from territories.services.people import (
    change_role,
    choose_password,
    create_person,
    edit_person,
    edit_profile,
    end_role,
    grant_role,
)
from territories.services.photos import remove_photo, set_photo
from territories.services.seats import change_seat, end_seat, seat_person
from territories.services.tokens import make_token, revoke_token
from territories.services.tree import (
    create_root,
    create_territory,
    edit_territory,
    ensure_unassigned,
    move_territory,
)

__all__ = [
    "apply_import",
    "change_role",
    "change_seat",
    "choose_password",
    "create_admin",
    "create_person",
    "create_root",
    "create_territory",
    "deactivate",
    "edit_person",
    "edit_profile",
    "edit_territory",
    "end_role",
    "end_seat",
    "ensure_unassigned",
    "grant_role",
    "make_token",
    "move_territory",
    "reactivate",
    "remove_photo",
    "revoke_token",
    "seat_person",
    "set_photo",
    "succeed",
    "undo_import",
]
