"""Small drawings inside rows and tiles."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from common import locale
from common.charts import Measured
from common.charts import bullet as draw_bullet
from common.charts import spark as draw_spark

register = template.Library()


@register.simple_tag
def bullet(label: str, actual: int, target: int | None, pace: int | None, currency: str) -> SafeString:
    """{% bullet "Order intake" intake quota pace "EUR" %}: a bar against its target; pace may be None."""
    return draw_bullet(
        Measured(label, actual, target, pace), lambda minor: locale.format_money(minor, currency)
    )


@register.simple_tag
def spark(values: Sequence[int], label: str) -> SafeString:
    """{% spark weeks "Order intake over the last eight weeks, rising" %}"""
    return draw_spark(values, label)
