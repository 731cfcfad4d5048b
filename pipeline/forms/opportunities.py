"""Forms of a deal: quick entry, edit, move."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.forms import LineField, LocaleDateField, MoneyField, version_field
from common.selectors import currencies
from pipeline.forms.accounts import AccountForm
from pipeline.models import Category, Motion, Opportunity, Stage
from pipeline.selectors.opportunities import owners, stages
from pipeline.services import EDITABLE


def open_stages() -> list[tuple[int, str]]:
    return [(stage.pk, stage.name) for stage in stages() if stage.kind == Stage.Kind.OPEN]


class OpportunityForm(AccountForm):
    """Quick entry of a deal: account, name, amount, close date; the stage starts with the first."""

    name = LineField(label=_("Name"), max_length=160)
    amount_minor = MoneyField(label=_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"))
    close_on = LocaleDateField(label=_("Close date"))
    stage_id = forms.TypedChoiceField(label=_("Stage"), coerce=int)

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        _offer_currencies(self)
        _choices(self, "stage_id", open_stages())


class OpportunityEditForm(forms.Form):
    """Everything of a deal that is edited on its page; an empty category follows the stage."""

    name = LineField(label=_("Name"), max_length=160)
    amount_minor = MoneyField(label=_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"))
    close_on = LocaleDateField(label=_("Close date"))
    category = forms.ChoiceField(label=_("Forecast category"), required=False)
    owner_id = forms.TypedChoiceField(label=_("Owner"), coerce=int)
    motion = forms.ChoiceField(label=_("Motion"), choices=Motion.choices)
    next_step = LineField(label=_("Next step"), max_length=200, required=False)
    next_step_on = LocaleDateField(label=_("Next step due"), required=False)
    version = version_field()

    def __init__(self, data: Any = None, *, deal: Opportunity, mine: Reach, **options: Any) -> None:
        super().__init__(data, initial=_initial(deal), **options)
        _offer_currencies(self)
        self.fields["amount_minor"].required = deal.amount_minor is not None
        own = [(value, label) for value, label in Category.choices if value != Category.CLOSED]
        follows = _("Follow the stage (%(category)s)") % {"category": Category(deal.stage.category).label}
        _choices(self, "category", [("", follows), *own])
        people = {person.pk: person.name for person in [deal.owner, *owners(mine)]}
        _choices(self, "owner_id", list(people.items()))


class MoveForm(forms.Form):
    """A deal's way into another stage; losing it asks why."""

    stage = forms.TypedChoiceField(label=_("Stage"), coerce=int)
    lost_reason = LineField(label=_("Reason for the loss"), max_length=200, required=False)
    version = version_field()

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        _choices(self, "stage", [(stage.pk, stage.name) for stage in stages()])

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        cleaned = dict(self.cleaned_data)
        return {"stage_id": cleaned.pop("stage", None), **cleaned}


def _initial(deal: Opportunity) -> dict[str, Any]:
    values = {name: getattr(deal, name) for name in (*EDITABLE, "version")}
    return {**values, "category": deal.category if deal.category_is_manual else ""}


def _offer_currencies(form: forms.Form) -> None:
    """The currencies in use; the amount is read in the one that is chosen beside it."""
    known = currencies()
    now = form.initial.get("currency") or known[0]
    chosen = form.data.get(form.add_prefix("currency"), now) if form.is_bound else now
    _choices(form, "currency", [(code, code) for code in dict.fromkeys([*known, now])])
    form.initial.setdefault("currency", now)
    form.fields["amount_minor"].currency = chosen if chosen in known else now  # type: ignore[attr-defined]


def _choices(form: forms.Form, name: str, choices: list[Any]) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]
