"""Slots: the places where a page makes room for what apps above it add; settings say what goes there.

`settings.SLOTS` maps a slot's name to URL names. A name may end in `?key`: then the slot's argument goes
into the query (`order_book?opportunity` and 42 → /orders/book/?opportunity=42), else into the path, behind what
stands there already (`table_import people` → /setup/people/).
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse


def slot_urls(name: str, *arguments: object) -> list[str]:
    """The addresses that fill a slot, in order; none where nothing is mapped to it."""
    slots: Mapping[str, Sequence[str]] = getattr(settings, "SLOTS", {})
    return [_address(target, arguments) for target in slots.get(name, ())]


def _address(target: str, arguments: Sequence[object]) -> str:
    url_name, _, keys = target.partition("?")
    if not keys:
        url_name, *fixed = target.split()
        return reverse(url_name, args=[*fixed, *arguments])
    return f"{reverse(url_name)}?{urlencode(list(zip(keys.split('&'), arguments, strict=True)))}"
