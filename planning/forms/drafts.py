"""Input about realignments."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from accounts.forms.modules import PickedForm
from accounts.models import Account, AccountTerritory, Coverage, Rule
from accounts.selectors.offers import Modules, Places, Rules
from common.forms import LineField, LocaleDateField, TextField, version_field
from common.locale import format_number
from common.offers import KEY_DIGITS, Offer
from common.pickers import PickField, PickSeveralField
from common.transaction import reach
from planning.models import Move, QuotaPolicy
from planning.selectors.drafts import open_drafts
from planning.selectors.offers import Accounts
from planning.selectors.twice import unseen_of
from territories.forms import TerritoryField
from territories.models import Seat
from territories.selectors.offers import Nodes, People

NAMED = 3
MOST_CHOSEN = 50
"""So many accounts of a move are chosen one by one; more than that are named by their numbers."""


class DraftForm(forms.Form):
    """A realignment's name, note and day."""

    name = LineField(label=_("Name"), max_length=120)
    starts_on = LocaleDateField(label=_("From"), help_text=_("All its moves hold from this day on."))
    note = TextField(label=_("Note"), required=False, max_length=1000)


class DraftEditForm(DraftForm):
    """A realignment that somebody read at a version."""

    version = version_field()


class VersionForm(forms.Form):
    """An act on a draft as it was read."""

    version = version_field()


class AskForm(VersionForm):
    """Why a realignment is to be published."""

    reason = LineField(label=_("Why"), required=False, max_length=200)


class UndoForm(forms.Form):
    """From which day on a realignment is taken back."""

    starts_on = LocaleDateField(label=_("From"), help_text=_("Days before it stay as they were organised."))


class _OfDay(forms.Form):
    """A move of a draft, on whose day it is known what can be chosen; filled with a move it carries its version."""

    def __init__(self, *args: Any, day: date, **options: Any) -> None:
        super().__init__(*args, **options)
        self.day = day
        if "version" in self.initial:
            self.fields["version"] = version_field()
        for name, offer in self.offers().items():
            self.fields[name].offer = offer  # type: ignore[attr-defined]

    def offers(self) -> dict[str, Offer]:
        """What the fields offer on the day."""
        return {}

    def chosen(self, name: str) -> int | None:
        """What another field says so far, where that decides what one offers."""
        text = str((self.data if self.is_bound else self.initial).get(name) or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= KEY_DIGITS else None


class NodeForm(_OfDay):
    """A territory that goes below another."""

    narrows = "territory_id"
    """What decides where it may go."""
    territory_id = TerritoryField(label=_("Territory"))
    into_id = TerritoryField(label=_("Goes below"))
    reason = LineField(label=_("Reason"), required=False, max_length=200)

    def offers(self) -> dict[str, Offer]:
        into = Nodes(self.day, self.chosen("territory_id"))
        return {"territory_id": Nodes(self.day), "into_id": into}


class _WithWork(_OfDay):
    """What becomes of open work, and of quota."""

    open_work = forms.ChoiceField(label=_("Open deals and tasks"), choices=Move.OpenWork.choices)
    stays_until = LocaleDateField(
        label=_("Stay until"), required=False, help_text=_("Only where they stay until a day.")
    )
    reason = LineField(label=_("Reason"), required=False, max_length=200)


class SeatMoveForm(_WithWork):
    """Who takes a seat."""

    territory_id = TerritoryField(label=_("Territory"))
    seat_kind = forms.ChoiceField(
        label=_("Seat"), choices=[(kind.value, kind.label) for kind in Seat.LASTING]
    )
    person_id = PickField(label=_("Who takes it"), required=False, offer=People())
    is_vacant = forms.BooleanField(label=_("Nobody: it becomes vacant"), required=False)
    quota = forms.ChoiceField(
        label=_("Quota of who leaves the seat"),
        choices=[
            (QuotaPolicy.PERSON.value, _("stays with the person")),
            (QuotaPolicy.TERRITORY.value, QuotaPolicy.TERRITORY.label),
        ],
    )
    field_order = [
        "territory_id", "seat_kind", "person_id", "is_vacant", "open_work", "stays_until", "quota", "reason",
    ]  # fmt: skip

    def offers(self) -> dict[str, Offer]:
        return {"territory_id": Nodes(self.day)}

    def clean(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        is_vacant = cleaned.pop("is_vacant", False)
        if "person_id" in cleaned and is_vacant == bool(cleaned["person_id"]):
            self.add_error("person_id", _("Say who takes the seat, or that nobody does."))
        return cleaned


class _Placed(_WithWork):
    """Where accounts go."""

    into_id = TerritoryField(label=_("Go to"))
    quota = forms.ChoiceField(
        label=_("Quota"),
        choices=[
            (QuotaPolicy.PERSON.value, QuotaPolicy.PERSON.label),
            (QuotaPolicy.ACCOUNTS.value, QuotaPolicy.ACCOUNTS.label),
        ],
    )

    def offers(self) -> dict[str, Offer]:
        return {"into_id": Places(self.day, coverage=Coverage.FIELD)}


def _open_drafts() -> list[tuple[Any, StrOrPromise]]:
    return [("", _("A new one, called …")), *open_drafts(reach())]


class PickedAccountsForm(PickedForm, _Placed):
    """Into which draft accounts go that were picked in a list, or what a new one is called, and where it takes them.

    `day`: today, because the day is that of the draft which is chosen.
    """

    draft_id = forms.TypedChoiceField(
        label=_("Realignment"), required=False, coerce=int, empty_value=None, choices=_open_drafts
    )
    name = LineField(label=_("Name of a new one"), required=False, max_length=120)
    starts_on = LocaleDateField(label=_("New one from"), required=False)
    field_order = [
        "draft_id", "name", "starts_on", "into_id", "open_work", "stays_until", "quota", "reason",
    ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not (self.errors or cleaned["draft_id"] or cleaned["name"]):
            self.add_error("name", _("Choose a realignment, or name a new one."))
        return cleaned


class AccountsForm(_Placed):
    """Accounts that go to another territory: chosen one by one, by their numbers, or all of a territory."""

    ways = ("accounts", "numbers", "from_id")
    """How they are named; several ways at once name all of them."""
    accounts = PickSeveralField(
        label=_("Accounts"),
        required=False,
        offer=Accounts(),
        most=MOST_CHOSEN,
        help_text=_("By name or number; each with where it is on the day of the realignment."),
    )
    numbers = TextField(
        label=_("Account numbers"),
        required=False,
        max_length=600_000,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Pasted from a list, one after another."),
    )
    from_id = TerritoryField(
        label=_("Or all accounts of"),
        required=False,
        help_text=_("Those that lie there on the day of the realignment."),
    )
    field_order = [
        "accounts", "drops_unseen", "numbers", "from_id", "into_id", "open_work", "stays_until", "quota", "reason",
    ]  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if unseen := self.initial.get("unseen"):
            self.fields["drops_unseen"] = _drops_unseen(unseen)
            self.order_fields(self.field_order)

    def offers(self) -> dict[str, Offer]:
        return {**super().offers(), "accounts": Accounts(self.day), "from_id": Places(self.day)}

    def clean(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        typed, node = cleaned.pop("numbers", ""), cleaned.pop("from_id", None)
        ids = {*cleaned.pop("accounts", ()), *self._named(typed.replace(",", " ").replace(";", " ").split())}
        if node:
            there = AccountTerritory.in_field().on(self.day).filter(territory=node).values("account")
            ids |= set(_visible().filter(pk__in=there).values_list("pk", flat=True))
        if not ids and not self.errors:
            self.add_error("accounts", _("Name accounts, or choose a territory that has some."))
        return {**cleaned, "account_ids": sorted(ids)}

    def _named(self, numbers: list[str]) -> list[int]:
        """The accounts of these numbers; numbers that the reader sees no account of are named."""
        found = dict(_visible().filter(number__in=numbers).values_list("number", "pk"))
        if missing := [number for number in dict.fromkeys(numbers) if number not in found]:
            words = ngettext(
                "You see no account of this number: %(numbers)s.",
                "You see no account of %(count)s of these numbers, such as %(numbers)s.",
                len(missing),
            )
            said = {"numbers": ", ".join(missing[:NAMED]), "count": len(missing)}
            self.add_error("numbers", words % said)
        return list(found.values())


def _drops_unseen(count: int) -> forms.BooleanField:
    """Whether accounts that the editor of a move no longer sees, or that were merged, are left out of it."""
    label = ngettext(
        "Leave out %(count)s account of this move that you no longer see, or that was merged",
        "Leave out %(count)s accounts of this move that you no longer see, or that were merged",
        count,
    )
    said = {"count": format_number(count)}
    return forms.BooleanField(
        label=label % said, required=False, help_text=_("What is not left out stays in the move.")
    )


def _visible() -> Any:
    return Account.objects.visible_to(reach()).filter(merged_into=None)


class ModuleForm(_Placed):
    """A module that goes to another territory."""

    module_id = PickField(label=_("Module"), offer=Modules())
    field_order = ["module_id", "into_id", "open_work", "stays_until", "quota", "reason"]


class RuleForm(_WithWork):
    """A rule that leads elsewhere."""

    narrows = "rule_id"
    rule_id = PickField(label=_("Rule"), offer=Rules())
    into_id = TerritoryField(label=_("Leads to"))
    field_order = ["rule_id", "into_id", "open_work", "stays_until", "reason"]

    def offers(self) -> dict[str, Offer]:
        rule = Rule.objects.filter(pk=self.chosen("rule_id") or 0).first()
        return {"into_id": Places(self.day, coverage=rule.coverage if rule else "")}


FORMS: dict[str, Any] = {
    Move.Kind.ACCOUNTS: AccountsForm,
    Move.Kind.MODULE: ModuleForm,
    Move.Kind.SEAT: SeatMoveForm,
    Move.Kind.NODE: NodeForm,
    Move.Kind.RULE: RuleForm,
}
"""The form of each kind of move."""


def filled(move: Move) -> dict[str, Any]:
    """What the form of a move starts with where the move is edited."""
    said = {
        name: getattr(move, name)
        for name in ("territory_id", "into_id", "person_id", "seat_kind", "module_id", "rule_id", "open_work")
    }
    said |= {name: getattr(move, name) for name in ("stays_until", "quota", "reason", "version")}
    said["is_vacant"] = move.kind == Move.Kind.SEAT and move.person_id is None
    said["unseen"] = len(unseen_of(move))
    if len(move.account_ids) <= MOST_CHOSEN:
        return {**said, "accounts": move.account_ids}
    numbers = _visible().filter(pk__in=move.account_ids).order_by("number").values_list("number", flat=True)
    return {**said, "numbers": "\n".join(numbers)}
