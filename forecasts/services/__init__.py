"""Writing calls, snapshots and scores."""

from forecasts.services.calls import submit
from forecasts.services.importing import apply_import
from forecasts.services.night import due_days, run_nightly
from forecasts.services.reminders import remind

__all__ = ["apply_import", "due_days", "remind", "run_nightly", "submit"]
