"""Acts on customers: their profile, their contacts, and the territory that they are in, by date."""

from accounts.services.accounts import (
    create_account,
    edit_account,
    note_order,
)
from accounts.services.contacts import (
    create_contact,
    edit_contact,
)
from accounts.services.importing import (
    apply_import,
    undo_import,
)
from accounts.services.places import (
    apply_due_assignments,
    assign_account,
)

__all__ = [
    "apply_due_assignments",
    "apply_import",
    "assign_account",
    "create_account",
    "create_contact",
    "edit_account",
    "edit_contact",
    "note_order",
    "undo_import",
]
