"""Acts on customers: their profile, their contacts, and the territory that they are in, by date."""

from accounts.selectors.placing import some_of
from accounts.services.accounts import (
    create_account,
    edit_account,
    note_first_order,
    note_orders,
)
from accounts.services.contacts import (
    create_contact,
    edit_contact,
)
from accounts.services.duplicates import (
    Exists,
    ask_access,
    look_up,
)
from accounts.services.holds import (
    end_hold,
    hold_account,
)
from accounts.services.importing import (
    apply_import,
    undo_import,
)
from accounts.services.importing_modules import import_modules, undo_modules
from accounts.services.norms import (
    set_coverage_model,
    set_norm,
)
from accounts.services.passing import pass_accounts, repoint_rules
from accounts.services.places import (
    apply_due_assignments,
    assign_accounts,
    place_accounts,
)
from accounts.services.placing import (
    check_placing,
)
from accounts.services.potential import (
    import_potentials,
    set_potential,
    undo_potentials,
)
from accounts.services.profiles import (
    write_profile,
)
from accounts.services.standing import (
    apply_due_classifications,
    classify_account,
    classify_accounts,
)

__all__ = [
    "Exists",
    "apply_due_assignments",
    "apply_due_classifications",
    "apply_import",
    "ask_access",
    "assign_accounts",
    "check_placing",
    "classify_account",
    "classify_accounts",
    "create_account",
    "create_contact",
    "edit_account",
    "edit_contact",
    "end_hold",
    "hold_account",
    "import_modules",
    "import_potentials",
    "look_up",
    "note_first_order",
    "note_orders",
    "pass_accounts",
    "place_accounts",
    "repoint_rules",
    "set_coverage_model",
    "set_norm",
    "set_potential",
    "some_of",
    "undo_import",
    "undo_modules",
    "undo_potentials",
    "write_profile",
]
