"""The same change of many deals at once."""

from typing import Any

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, PickedField
from common.pickers import PickField
from pipeline.forms.stages import by_model
from pipeline.models import OPEN_CATEGORIES, Stage
from pipeline.selectors.offers import Owners
from pipeline.selectors.sales_models import stages_in
from workspace.models import ListValue
from workspace.selectors.lists import offered

MOST_CHOSEN = 500
STAYS = _("stays as it is")
FOLLOW = "-"
"""Chosen for the category that a deal's own stage says."""


class ManyForm(forms.Form):
    """Which deals, and what becomes of all of them; what is left empty stays as it is on each."""

    deal = PickedField(required=False)
    stage_id = forms.TypedChoiceField(label=_("Stage"), coerce=int, empty_value=None, required=False)
    lost_reason: forms.Field = LineField(label=_("Reason for the loss"), max_length=200, required=False)
    category = forms.ChoiceField(
        label=_("Forecast category"),
        required=False,
        choices=[("", STAYS), (FOLLOW, _("Follow the stage")), *OPEN_CATEGORIES],
    )
    close_on = LocaleDateField(label=_("Close date"), required=False)
    next_step = LineField(label=_("Next step"), max_length=200, required=False)
    next_step_on = LocaleDateField(label=_("Next step due"), required=False)
    owner_id = PickField(label=_("New owner"), offer=Owners(), required=False, nothing=STAYS)
    with_activities = forms.BooleanField(
        label=_("What is still to be done for them goes along"), required=False, initial=True
    )
    reason = LineField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        stages = [stage for stage in stages_in() if stage.kind != Stage.Kind.WON]
        self.fields["stage_id"].choices = [("", STAYS), *by_model(stages)]  # type: ignore[attr-defined]
        if reasons := offered(ListValue.List.LOST_REASON):
            choices = [("", _("Choose a reason")), *((reason, reason) for reason in reasons)]
            label = self.fields["lost_reason"].label
            self.fields["lost_reason"] = forms.ChoiceField(label=label, choices=choices, required=False)

    def clean_deal(self) -> list[int]:
        ids: list[int] = self.cleaned_data["deal"]
        if len(ids) > MOST_CHOSEN:
            message = now_("Choose at most %(most)d opportunities at once.") % {"most": MOST_CHOSEN}
            raise forms.ValidationError(message, code="too_many")
        return ids

    def clean(self) -> dict[str, Any]:
        """An owner is changed with a reason, as one deal is handed over."""
        given = self.cleaned_data
        if given.get("owner_id") and not given.get("reason"):
            self.add_error(
                "reason", forms.ValidationError(now_("Say why they go to somebody else."), code="required")
            )
        return given

    @property
    def changes(self) -> dict[str, Any]:
        """What becomes of each deal, as the service takes it."""
        given = {name: self.cleaned_data.get(name) for name in CHANGED}
        found = {name: value for name, value in given.items() if value not in (None, "")}
        if found.get("category") == FOLLOW:
            found["category"] = ""
        if "stage_id" not in found:
            found.pop("lost_reason", None)
        return found


CHANGED = ("stage_id", "lost_reason", "category", "close_on", "next_step", "next_step_on", "owner_id")
