"""Small drawings inside rows and tiles."""

from django import template
from django.utils.safestring import SafeString

from common import locale
from common.charts import bullet as draw_bullet
from common.selectors import measured

register = template.Library()


@register.simple_tag
def bullet(label: str, actual: int, target: int | None, pace: int | None, currency: str) -> SafeString:
    """{% bullet "Order intake" intake quota pace "EUR" %}: a bar against its target; pace may be None."""
    figure = measured(label, actual, target, pace)
    return draw_bullet(figure, lambda minor: locale.format_money(minor, currency))
