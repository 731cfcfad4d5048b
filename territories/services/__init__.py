"""Acts on people, roles, the territory tree and its seats."""

from territories.services.admins import create_admin
from territories.services.importing import apply_import, undo_import
from territories.services.leaving import deactivate, reactivate, succeed
from territories.services.names import apply_due_names, edit_territory, rename_territory
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
from territories.services.retiring import end_place, record_succession, take_for_retiring, vacate
from territories.services.seats import change_seat, end_seat, free_seat, pass_seat, seat_person
from territories.services.tokens import make_token, revoke_token
from territories.services.tree import (
    create_root,
    create_territory,
    ensure_unassigned,
    move_territory,
    rehang,
)
from territories.services.vacancies import change_vacancy, drop_vacancy, plan_vacancy

__all__ = [
    "apply_due_names",
    "apply_import",
    "change_role",
    "change_seat",
    "change_vacancy",
    "choose_password",
    "create_admin",
    "create_person",
    "create_root",
    "create_territory",
    "deactivate",
    "drop_vacancy",
    "edit_person",
    "edit_profile",
    "edit_territory",
    "end_place",
    "end_role",
    "end_seat",
    "ensure_unassigned",
    "free_seat",
    "grant_role",
    "make_token",
    "move_territory",
    "pass_seat",
    "plan_vacancy",
    "reactivate",
    "record_succession",
    "rehang",
    "remove_photo",
    "rename_territory",
    "revoke_token",
    "seat_person",
    "set_photo",
    "succeed",
    "take_for_retiring",
    "undo_import",
    "vacate",
]
