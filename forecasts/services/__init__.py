"""Writing calls, snapshots and scores."""

from forecasts.services.calls import submit
from forecasts.services.importing import apply_import
from forecasts.services.night import JOB, due_days, run_nightly

__all__ = ["JOB", "apply_import", "due_days", "run_nightly", "submit"]
