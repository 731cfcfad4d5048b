"""Links beside a page that choose between values of one of its filters."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django_stubs_ext import StrOrPromise

Segment = dict[str, Any]


def segments(
    query: Mapping[str, str], name: str, labels: Mapping[str, StrOrPromise], active: str
) -> list[Segment]:
    """A link per value (value -> label) that keeps the address's other filters, but not the place in a list."""
    kept = {key: value for key, value in query.items() if key not in ("after", name)}
    return [
        {"label": label, "url": f"?{urlencode({**kept, name: value}, safe=',')}", "active": value == active}
        for value, label in labels.items()
    ]
