"""The organisation, its calendar, its rates, its runs, and the keys that make an effect happen once."""

from common.models.keeping import (
    APPEND_ONLY,
    UNDONE_ONLY,
    Editable,
    EditableQuerySet,
    append_only,
    by_request,
    undone_only,
)
from common.models.organisation import (
    MOST_NAME,
    DayOff,
    Organisation,
    Period,
    PeriodQuerySet,
    Setting,
    WorkCalendar,
)
from common.models.rates import MOST_RATE, Rate, RateFile
from common.models.runs import IdempotencyKey, InTransaction, RowChange, Run, RunGate

__all__ = [
    "APPEND_ONLY",
    "MOST_NAME",
    "MOST_RATE",
    "UNDONE_ONLY",
    "DayOff",
    "Editable",
    "EditableQuerySet",
    "IdempotencyKey",
    "InTransaction",
    "Organisation",
    "Period",
    "PeriodQuerySet",
    "Rate",
    "RateFile",
    "RowChange",
    "Run",
    "RunGate",
    "Setting",
    "WorkCalendar",
    "append_only",
    "by_request",
    "undone_only",
]
