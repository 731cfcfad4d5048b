"""What is noted of an order on its way to cash."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LocaleDateField, version_field


class ProgressForm(forms.Form):
    """When an order was delivered, invoiced and paid; empty where it was not yet."""

    delivered_on = LocaleDateField(label=_("Delivered"), required=False)
    invoiced_on = LocaleDateField(label=_("Invoiced"), required=False)
    paid_on = LocaleDateField(label=_("Paid"), required=False)
    version = version_field()
