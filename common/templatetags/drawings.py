"""Small drawings inside rows and tiles."""

from django import template
from django.utils.safestring import SafeString

from common import locale
from common.charts import Measured
from common.charts import bullet as draw_bullet
from common.selectors import policy

register = template.Library()


@register.simple_tag
def bullet(label: str, actual: int, target: int | None, pace: int | None, currency: str) -> SafeString:
    """{% bullet "Order intake" intake quota pace "EUR" %}: a bar against its target; pace may be None."""
    measured = Measured(label, actual, target, pace, policy("attained_percent"))
    return draw_bullet(measured, lambda minor: locale.format_money(minor, currency))
