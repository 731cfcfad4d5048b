"""Attainment: figures by node and person, what was asked of whom, how fresh it all is."""

from quotas.selectors.intake import people_intake, person_intake
from quotas.selectors.people import my_attainment, person_quota
from quotas.selectors.quotas import assignees, quota_history, quota_rows, standing_quota
from quotas.selectors.runs import (
    failed_refresh,
    freshness,
    late_banner,
    progress,
    readiness,
    run_detail,
    run_rows,
    watched,
)
from quotas.selectors.team import team_attainment

__all__ = [
    "assignees",
    "failed_refresh",
    "freshness",
    "late_banner",
    "my_attainment",
    "people_intake",
    "person_intake",
    "person_quota",
    "progress",
    "quota_history",
    "quota_rows",
    "readiness",
    "run_detail",
    "run_rows",
    "standing_quota",
    "team_attainment",
    "watched",
]
