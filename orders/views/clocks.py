"""What pages say of the two clocks: as known when, and booked up to which day."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms

from orders.selectors.known import CLOCKS, AsOf


def clocks(form: forms.Form, as_of: AsOf, query: Mapping[str, str]) -> dict[str, Any]:
    """The form of a page's filters, its two clocks folded until one is set, and the address of the page as of now."""
    others = {name: value for name, value in query.items() if name not in CLOCKS}
    return {
        "filters": form,
        "usual": [field for field in form if field.name not in CLOCKS],
        "rare": [form[name] for name in CLOCKS],
        "is_rare": not as_of.is_now,
        "as_of": as_of,
        "now_url": f"?{urlencode(others)}",
    }
