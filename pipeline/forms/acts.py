"""Forms of the acts on a whole deal: merged with another one, cloned, handed over."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, WholeField, version_field
from common.pickers import PickField
from pipeline.models import Opportunity
from pipeline.selectors.deal_merging import Alike
from pipeline.selectors.offers import Owners


class OtherForm(forms.Form):
    """Which other deal is the same."""

    def __init__(self, data: Any = None, *, deal: Opportunity, **options: Any) -> None:
        super().__init__(data, **options)
        label = _("The opportunity that goes into this one")
        self.fields["other"] = PickField(label=label, offer=Alike(deal.pk))


class MergeForm(forms.Form):
    """Both deals as they were read side by side."""

    other_id = WholeField(least=1, widget=forms.HiddenInput)
    other_version = WholeField(least=1, widget=forms.HiddenInput)
    version = version_field()


class CloneForm(forms.Form):
    """What is different on the copy of a deal."""

    name = LineField(label=_("Name"), max_length=160)
    close_on = LocaleDateField(label=_("Close date"))


class GiveForm(forms.Form):
    """To whom a deal goes, and why."""

    owner_id = PickField(label=_("New owner"), offer=Owners())
    reason = LineField(label=_("Reason"), max_length=200)
    with_activities = forms.BooleanField(
        label=_("What is still to be done for it goes along"), required=False, initial=True
    )
    version = version_field()
