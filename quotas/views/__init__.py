"""Pages of attainment, quotas and runs."""

from quotas.views.person import my_attainment
from quotas.views.quotas import quota_detail, quota_import, quota_list, quota_set
from quotas.views.runs import run_detail, run_list, run_progress, run_start
from quotas.views.team import team_attainment, team_attainment_rows

__all__ = [
    "my_attainment",
    "quota_detail",
    "quota_import",
    "quota_list",
    "quota_set",
    "run_detail",
    "run_list",
    "run_progress",
    "run_start",
    "team_attainment",
    "team_attainment_rows",
]
