"""Figures as the reader writes them: amounts, percentages, days, instants."""

from datetime import date as day_type
from datetime import datetime
from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from common import locale
from common.selectors import Count

register = template.Library()


@register.filter
def money(minor: int | None, currency: str) -> str:
    """{{ 123456|money:"EUR" }} → €1,234.56"""
    return locale.format_money(minor, currency)


@register.filter
def money_whole(minor: int | None, currency: str) -> str:
    """{{ 123456|money_whole:"EUR" }} → €1,235, where the exact amount is one click away."""
    return locale.format_money_whole(minor, currency)


@register.filter
def percent(ratio: locale.Number | None, digits: int = 1) -> str:
    """{{ 0.8345|percent }} → 83.5%"""
    return locale.format_percent(ratio, digits)


@register.filter
def times(ratio: locale.Number | None) -> str:
    """{{ 2.96|times }} → 3.0 times"""
    return locale.format_times(ratio)


@register.filter
def number(value: locale.Number | None, digits: int = 0) -> str:
    """{{ 8800|number }} → 8,800"""
    return locale.format_number(value, digits)


@register.filter
def exact(value: Decimal, least: int = 0) -> str:
    """{{ rate.value|exact }} → 1.0825: every decimal that counts, at least so many, and no idle zeros."""
    return locale.format_exact(value, least)


@register.filter
def counted(count: Count) -> str:
    """{{ unassigned|counted }} → 120, or more than 1,000 where counting stopped there."""
    number = locale.format_number(count.value)
    return _("more than %(number)s") % {"number": number} if count.is_capped else number


@register.filter
def date(day: day_type | None, style: str = "medium") -> str:
    """{{ order.booked_on|date }} → 31 Mar 2026; style is short, medium, long or full."""
    return locale.format_date(day, style)


@register.filter
def instant(moment: datetime | None) -> str:
    """{{ run.closed_at|instant }} → 31 Mar 2026, 15:03 CEST"""
    return locale.format_instant(moment)


@register.filter
def undefined(value: object) -> object:
    """{{ seat.person|undefined }} → the value, or — where there is none."""
    return locale.UNDEFINED if value is None or value == "" else value


@register.filter
def is_negative(value: locale.Number | None) -> bool:
    """For a class beside the minus sign, never instead of it."""
    return value is not None and value < 0


register.filter("share", locale.format_share)
