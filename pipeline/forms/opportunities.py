"""Forms of a deal: quick entry, edit, move."""

import re
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from common.access import Reach
from common.forms import (
    DayWordsField,
    LineField,
    LocaleDateField,
    MoneyField,
    ShortMoneyField,
    version_field,
)
from common.pickers import PickField
from common.selectors import currencies
from pipeline.forms.accounts import AccountForm
from pipeline.forms.stages import StageSelect, by_model
from pipeline.models import OPEN_CATEGORIES, Category, Channel, Motion, Opportunity, Stage
from pipeline.selectors.leads import offered_partners, offered_reps
from pipeline.selectors.offers import Owners, competitors_of
from pipeline.selectors.opportunities import has_products
from pipeline.selectors.sales_models import stages_to_enter
from pipeline.services import EDITABLE
from workspace.forms.own import OwnForm
from workspace.models import ListValue
from workspace.selectors.lists import offered


class DealForm(forms.Form):
    """What every deal has; its amount is read in the currency that is chosen beside it."""

    name = LineField(label=_("Name"), max_length=160)
    amount_minor = MoneyField(label=_("Amount"))
    currency = forms.ChoiceField(label=_("Currency"))
    close_on = LocaleDateField(label=_("Close date"))

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        known = currencies()
        now = self.initial.setdefault("currency", known[0])
        chosen = self.data.get("currency", now)
        _offer(self, "currency", [(code, code) for code in dict.fromkeys([*known, now])])
        self.fields["amount_minor"].currency = chosen if chosen in known else now  # type: ignore[attr-defined]


class OpportunityForm(DealForm, AccountForm):
    """Quick entry of a deal: account, name, amount, close date; the stage starts with the first.

    The amount may be cut short and name its currency (12k EUR), the close date be said in words (+30, eoq).
    """

    amount_minor = ShortMoneyField(label=_("Amount"))
    close_on = DayWordsField(label=_("Close date"))
    account_anyway = LineField(label=_("Why is it another account?"), required=False, max_length=120)
    stage_id = forms.TypedChoiceField(label=_("Stage"), coerce=int)

    def __init__(self, data: Any = None, *, mine: Reach, **options: Any) -> None:
        super().__init__(_apart(data), mine=mine, **options)
        self.may_create = bool(mine.relations("account", "create"))
        _offer(self, "stage_id", by_model(stages_to_enter()))

    def words(self) -> list[tuple[str, date]]:
        """Words for the close date that a reader may pick."""
        return DayWordsField.offered()


WITH_CURRENCY = re.compile(r"(?P<before>[A-Z]{3})?\s*(?P<amount>[^A-Z].*?)\s*(?P<after>(?<![A-Z])[A-Z]{3})?")


def _apart(data: Any) -> Any:
    """What was sent, with a currency that stands beside the amount taken off it and chosen: 12k EUR."""
    parts = WITH_CURRENCY.fullmatch(data.get("amount_minor", "").strip().upper()) if data else None
    named = (parts["before"] or parts["after"]) if parts else None
    if parts is None or named not in currencies():
        return data
    return {**data.dict(), "amount_minor": parts["amount"], "currency": named}


class WayForm(forms.Form):
    """Through whom a deal is sold, and where it came from; what it has stays on offer."""

    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    partner_id = forms.TypedChoiceField(label=_("Partner"), coerce=int, empty_value=None, required=False)
    partner_rep_id = forms.TypedChoiceField(
        label=_("Their representative"), coerce=int, empty_value=None, required=False
    )
    source: forms.Field = LineField(label=_("Source"), max_length=80, required=False)

    def offer_way(self) -> None:
        """Fill the choices by what the form starts with."""
        now = self.initial
        partners = [(row.pk, row.name) for row in offered_partners(now["partner_id"])]
        reps = offered_reps(now["partner_rep_id"])
        _offer(self, "partner_id", [("", "—"), *partners])
        _offer(
            self,
            "partner_rep_id",
            [("", "—"), *((row.pk, f"{row.name}, {row.partner.name}") for row in reps)],
        )
        if sources := offered(ListValue.List.LEAD_SOURCE):
            known = dict.fromkeys([*sources, *filter(None, [now["source"]])])
            choices = [("", "—"), *((one, one) for one in known)]
            label = self.fields["source"].label
            self.fields["source"] = forms.ChoiceField(label=label, choices=choices, required=False)


PRODUCTS_MAKE_IT = _("Its products make the amount.")


class OpportunityEditForm(WayForm, DealForm, OwnForm):
    """Everything of a deal that is edited on its page; an empty category follows the stage."""

    category = forms.ChoiceField(label=_("Forecast category"), required=False)
    owner_id = PickField(label=_("Owner"), offer=Owners())
    motion = forms.ChoiceField(label=_("Motion"), choices=Motion.choices)
    next_step = LineField(label=_("Next step"), max_length=200, required=False)
    next_step_on = LocaleDateField(label=_("Next step due"), required=False)
    version = version_field()

    own_subject = "opportunity"

    def __init__(self, data: Any = None, *, deal: Opportunity, mine: Reach) -> None:
        by_hand = {} if deal.category_is_manual else {"category": ""}
        initial = {name: getattr(deal, name) for name in (*EDITABLE, "version")} | by_hand
        super().__init__(data, initial=initial)
        self.fields["amount_minor"].required = deal.amount_minor is not None
        if has_products(deal):
            self.fields["amount_minor"].widget.attrs["readonly"] = True
            change = reverse("opportunity_lines", args=[deal.pk]), _("Change them")
            self.fields["amount_minor"].help_text = format_html(
                '{} <a href="{}">{}</a>', PRODUCTS_MAKE_IT, *change
            )
        follows = _("Follow the stage (%(category)s)") % {"category": Category(deal.stage.category).label}
        _offer(self, "category", [("", follows), *OPEN_CATEGORIES])
        self.fields["owner_id"].offer = Owners(now=deal.owner_id)  # type: ignore[attr-defined]
        self.offer_way()


class MoveForm(forms.Form):
    """A deal's way into another stage; losing it asks why: one of the reasons on offer, or any where none is.

    `left`: the open stage from which it goes on, which is chosen at first where `stage_id` names no other one.
    `category`: the lane of the board where its card was dropped. `loses`: only how it is lost is asked.
    """

    stage = forms.TypedChoiceField(label=_("Stage"), coerce=int, widget=StageSelect)
    lost_reason: forms.Field = LineField(label=_("Reason for the loss"), max_length=200, required=False)
    lost_to = LineField(label=_("Lost to"), max_length=80, required=False)
    category = forms.ChoiceField(
        required=False, choices=[("", ""), *OPEN_CATEGORIES], widget=forms.HiddenInput
    )
    version = version_field()

    def __init__(
        self,
        data: Any = None,
        *,
        deal: Opportunity,
        left: Stage,
        stage_id: int | None = None,
        loses: bool = False,
    ) -> None:
        stages = stages_to_enter(deal)
        lost = next((stage.pk for stage in stages if stage.kind == Stage.Kind.LOST), None)
        self.loses = loses and deal.is_open and lost is not None
        first = lost if self.loses else stage_id or left.pk
        super().__init__(data, initial={"stage": first, "version": deal.version})
        _offer(self, "stage", by_model(stages))
        self.fields["stage"].widget.kinds = {stage.pk: stage.kind for stage in stages}
        if self.loses:
            self.fields["stage"].widget = forms.HiddenInput()
        self.fields["lost_to"].widget.attrs |= {"list": "competitors", "autocomplete": "off"}
        self.competitors = dict.fromkeys([*competitors_of(deal), *offered(ListValue.List.COMPETITOR)])
        if reasons := offered(ListValue.List.LOST_REASON):
            choices = [("", _("Choose a reason")), *((reason, reason) for reason in reasons)]
            written = self.fields["lost_reason"]
            self.fields["lost_reason"] = forms.ChoiceField(
                label=written.label, choices=choices, required=False
            )

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        cleaned = dict(self.cleaned_data)
        return {"stage_id": cleaned.pop("stage", None), **cleaned}


def _offer(form: forms.Form, name: str, choices: list[Any]) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]
