"""What each metric means, read from the product's own page of words and formulas."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def _cell(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """The start of a table's cell: a column aligned to the right holds figures; our pages bear no inline style."""
    if tokens[index].attrs.pop("style", ""):
        tokens[index].attrSet("class", "num")
    return renderer.renderToken(tokens, index, options, env)


for part in ("th_open", "td_open"):
    MARKDOWN.add_render_rule(part, _cell)

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
    found = [_metric(name, body) for name, body in _sections(settings.DOMAIN_PAGE)]
    return {metric.key: metric for metric in found}


@cache
def guide() -> list[tuple[str, SafeString]]:
    """The guide to the first hour: the title of each part, and its text as safe HTML."""
    return [(name, _safe(MARKDOWN.render(body))) for name, body in _sections(settings.GUIDE_PAGE)]


def _sections(page: Path) -> list[tuple[str, str]]:
    """The title and the text of each section of a page."""
    parts = re.split(r"^## +", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [(name.strip(), body) for name, body in (part.split("\n", 1) for part in parts)]


def named(*keys: str) -> dict[str, Metric]:
    """The metrics of a page by name with underscores: `metrics.year_to_date_attainment`. Raises KeyError for others."""
    return {key.replace("-", "_"): metrics()[key] for key in keys}


def _metric(name: str, body: str) -> Metric:
    parts = {part: _inline(body, label) for part, label in PARTS.items()}
    return Metric(slugify(name), name, **parts, whole=_safe(MARKDOWN.render(body)))


def _inline(body: str, label: str) -> SafeString:
    match = re.search(rf"\*\*{re.escape(label)}\*\*\s*(.+?)(?=\n\n|\Z)", body, flags=re.DOTALL)
    return _safe(MARKDOWN.renderInline(match[1].strip()) if match else "")


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308  our own page; raw HTML in it is escaped
