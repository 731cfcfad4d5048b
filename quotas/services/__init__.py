"""Setting quotas, and the runs that make attainment of the ledger."""

from quotas.services.importing import apply_import, undo_import
from quotas.services.night import STEPS, due_days, run_nightly, start_nightly
from quotas.services.parts import help_with_run
from quotas.services.quotas import apply_quotas, preview_quotas, set_quota
from quotas.services.refresh import refresh_dirty

__all__ = [
    "STEPS",
    "apply_import",
    "apply_quotas",
    "due_days",
    "help_with_run",
    "preview_quotas",
    "refresh_dirty",
    "run_nightly",
    "set_quota",
    "start_nightly",
    "undo_import",
]
