"""Setting quotas, and the runs that make attainment of the ledger."""

from quotas.services.importing import apply_import
from quotas.services.quotas import apply_quotas, preview_quotas, set_quota
from quotas.services.runs import due_days, refresh_dirty, run_nightly, start_nightly

__all__ = [
    "apply_import",
    "apply_quotas",
    "due_days",
    "preview_quotas",
    "refresh_dirty",
    "run_nightly",
    "set_quota",
    "start_nightly",
]
