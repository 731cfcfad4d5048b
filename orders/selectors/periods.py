"""What lies in a period that somebody wants to open again."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.access import found
from common.locale import format_date, format_money
from common.models import Period
from common.selectors import the_organisation
from common.transaction import reach
from orders.selectors.credits import CreditFilter, credit_total
from workspace.selectors.periods import opened_with


def reopening_effect(period_id: int) -> str:
    """Which days open again with a closed period, what else opens with it, and what lies in it."""
    period: Period = found(Period.objects.select_related("parent").filter(pk=period_id).first())
    days = {"first": format_date(period.starts_on), "last": format_date(period.last_day)}
    opened = [one.code for one in opened_with(period) if one.pk != period.pk]
    sentences = [_("Bookings, corrections and other changes can be dated %(first)s – %(last)s again.") % days]
    if opened:
        message = _("It opens %(codes)s too; what else is closed stays closed.")
        sentences.append(message % {"codes": ", ".join(opened)})
    return " ".join([*sentences, _content(period)])


def _content(period: Period) -> str:
    total = credit_total(CreditFilter(period), reach())
    words = ngettext(
        "In it lies %(count)d credit, %(amount)s of order intake; opening it changes no figure.",
        "In it lie %(count)d credits, %(amount)s of order intake; opening it changes no figure.",
        total.count,
    )
    amount = format_money(total.plan_minor, the_organisation().reporting_currency)
    return words % {"count": total.count, "amount": amount}
