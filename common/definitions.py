"""What each metric means, read from the product's own page of words and formulas."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
PARTS = {"definition": "Definition.", "formula": "Formula.", "example": "Worked example."}


@dataclass(frozen=True)
class Metric:
    """A word of the domain page: its key in addresses, and its parts as safe HTML."""

    key: str
    name: str
    definition: SafeString
    formula: SafeString
    example: SafeString
    whole: SafeString


@cache
def metrics() -> dict[str, Metric]:
    """Every section of the domain page by key, in its order."""
    text = Path(settings.DOMAIN_PAGE).read_text(encoding="utf-8")
    sections = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    found = [_metric(*section.split("\n", 1)) for section in sections]
    return {metric.key: metric for metric in found}


def named(*keys: str) -> dict[str, Metric]:
    """The metrics of a page by name with underscores: `metrics.year_to_date_attainment`. Raises KeyError for others."""
    return {key.replace("-", "_"): metrics()[key] for key in keys}


def _metric(name: str, body: str) -> Metric:
    parts = {part: _inline(body, label) for part, label in PARTS.items()}
    return Metric(slugify(name), name.strip(), **parts, whole=_safe(MARKDOWN.render(body)))


def _inline(body: str, label: str) -> SafeString:
    match = re.search(rf"\*\*{re.escape(label)}\*\*\s*(.+?)(?=\n\n|\Z)", body, flags=re.DOTALL)
    return _safe(MARKDOWN.renderInline(match[1].strip()) if match else "")


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308  our own page; raw HTML in it is escaped
