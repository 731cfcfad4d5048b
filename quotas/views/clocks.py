"""What the pages of attainment say of the two clocks: as known when, and booked up to which day."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms

from common.models import Period
from common.selectors import work_days
from orders.selectors.known import CLOCKS, AsOf
from quotas.rules import days_left


def clocks(form: forms.Form, as_of: AsOf, query: Mapping[str, str]) -> dict[str, Any]:
    """The form of a page's filters, its two clocks folded until one is set, and the address of the page as of now."""
    others = {name: value for name, value in query.items() if name not in CLOCKS}
    return {
        "filters": form,
        "rare": [form[name] for name in CLOCKS],
        "is_rare": not as_of.is_now,
        "as_of": as_of,
        "now_url": f"?{urlencode(others)}",
    }


def left_of(period: Period, on: date, as_of: AsOf) -> int:
    """The working days of a period from a day on by the organisation's calendar, with the days off that were known."""
    return days_left(period.span, on, work_days(known_at=as_of.known_at))
