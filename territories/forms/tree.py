"""Input about the tree."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import LineField, LocaleDateField, NamedEditForm, NamedForm
from common.offers import Offer
from common.pickers import PickField
from territories.models import Territory
from territories.selectors.offers import Nodes, Territories

ROOT = _("Nothing: a root of the tree")


class TerritoryField(PickField):
    """A territory that is in the tree today, or joins it later."""

    def __init__(self, *, offer: Offer = Territories(), **options: Any) -> None:  # noqa: B008  a value
        super().__init__(offer=offer, **options)


ORDER = _("Nothing lies below a type that comes after its own.")


def _reason() -> LineField:
    return LineField(label=_("Reason"), required=False, max_length=200)


class TerritoryForm(NamedForm):
    """A new territory and where it lies."""

    parent_id = TerritoryField(label=_("Lies below"), required=False, nothing=ROOT, offer=Nodes())
    kind = forms.ChoiceField(
        label=_("Type"),
        required=False,
        choices=[("", _("The one that comes next below that")), *Territory.Kind.choices],
        help_text=ORDER,
    )
    starts_on = LocaleDateField(label=_("From"))
    reason = _reason()


class TerritoryEditForm(NamedEditForm):
    """A territory's name, code and type as they should have been all along."""

    kind = forms.ChoiceField(label=_("Type"), choices=Territory.Kind.choices, help_text=ORDER)
    field_order = ("name", "code", "kind")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["name"].help_text = _(
            "Corrects it for all days on which it bears this name. For another name from a day on, rename it."
        )


class RenameForm(forms.Form):
    """What a territory is called from a day on."""

    name = LineField(label=_("New name"), max_length=120)
    starts_on = LocaleDateField(label=_("From"), help_text=_("Earlier days keep the name that they had."))
    reason = _reason()


class MoveForm(forms.Form):
    """Where a territory lies from a day on."""

    parent_id = TerritoryField(label=_("Lies below"), required=False, nothing=ROOT)
    on = LocaleDateField(label=_("From"), help_text=_("Earlier days keep the tree that they had."))
    reason = _reason()

    def __init__(self, *args: Any, territory_id: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["parent_id"].offer = Nodes(self.initial.get("on"), territory_id)  # type: ignore[attr-defined]
