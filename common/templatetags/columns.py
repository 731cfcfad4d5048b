"""Cells of a list whose columns a reader chose."""

from typing import Any

from django import template

from common.columns import Column

register = template.Library()


@register.simple_tag
def cell(column: Column, row: Any) -> str:
    """{% cell column deal %}: what the row has in that column, as this reader writes it."""
    return column.shown(row)
