"""One field of a deal, edited where the list shows it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, ShortMoneyField, version_field
from pipeline.forms.stages import by_model
from pipeline.models import OPEN_CATEGORIES, Category, Opportunity
from pipeline.selectors.columns import EDITED
from pipeline.selectors.sales_models import stages_to_enter


class CellForm(forms.Form):
    """The field behind a column of the list, at the version that was read."""

    version = version_field()

    def __init__(self, data: Any = None, *, deal: Opportunity, column: str) -> None:
        self.name = EDITED[column]
        value = deal.stage_id if self.name == "stage" else getattr(deal, self.name)
        by_hand = self.name != "category" or deal.category_is_manual
        super().__init__(data, initial={self.name: value if by_hand else "", "version": deal.version})
        self.fields[self.name] = _field(self.name, deal)
        self.fields[self.name].widget.attrs["autocomplete"] = "off"

    @property
    def cell(self) -> forms.BoundField:
        return self[self.name]

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        cleaned = dict(self.cleaned_data)
        return {"stage_id": cleaned.pop("stage"), **cleaned} if "stage" in cleaned else cleaned


def _field(name: str, deal: Opportunity) -> forms.Field:
    if name == "stage":
        stages = by_model(stages_to_enter(deal))
        return forms.TypedChoiceField(label=_("Stage"), coerce=int, choices=stages)
    if name == "category":
        follows = _("Follow the stage (%(category)s)") % {"category": Category(deal.stage.category).label}
        choices = [("", follows), *OPEN_CATEGORIES]
        return forms.ChoiceField(label=_("Forecast category"), required=False, choices=choices)
    if name == "amount_minor":
        field = ShortMoneyField(label=_("Amount"), required=deal.amount_minor is not None)
        field.currency = deal.currency
        return field
    if name == "next_step":
        return LineField(label=_("Next step"), max_length=200, required=False)
    label = _("Close date") if name == "close_on" else _("Next step due")
    return LocaleDateField(label=label, required=name == "close_on")
