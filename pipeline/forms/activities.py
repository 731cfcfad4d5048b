"""Forms of an activity: quick entry and completion."""

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.selectors.offers import Contacts
from common.access import Reach
from common.forms import LineField, LocaleDateField, PickedField, TextField, WholeField, version_field
from common.http import NO_TEXT
from common.pickers import PickField
from pipeline.forms.accounts import AccountForm
from pipeline.models import Activity, Lead, Opportunity
from pipeline.rules.one_line import MOST_LINE
from pipeline.selectors.around import Offered, contacts_to_name
from pipeline.selectors.one_line import Meant, Understood, understood

ID_DIGITS = 18


class WithForm(forms.Form):
    """Those with whom something was done: some contacts of the account to tick, and one more where it has many."""

    contact_ids = PickedField(label=_("With"), required=False)
    other_contact_id = PickField(label=_("Somebody else"), offer=Contacts(), required=False)

    account_id: int | None = None
    deal_id: int | None = None
    besides: Collection[int] = ()

    def offer_at(
        self, account_id: int | None, deal_id: int | None = None, besides: Collection[int] = ()
    ) -> None:
        """Offer the contacts of this account but for those that are named already."""
        self.account_id, self.deal_id, self.besides = account_id, deal_id, besides
        self.fields["other_contact_id"].offer = Contacts(account_id)  # type: ignore[attr-defined]

    @cached_property
    def offered(self) -> Offered:
        """Whom the form offers to tick."""
        return contacts_to_name(self.account_id, self.deal_id, self.besides)

    @property
    def ticked(self) -> set[str]:
        """The ids that came ticked, also where they were refused."""
        return {str(value) for value in self["contact_ids"].value() or ()}

    def with_whom(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What was cleaned, with all contacts as one list."""
        other, ticked = cleaned.pop("other_contact_id", None), cleaned.get("contact_ids", [])
        return {**cleaned, "contact_ids": [*ticked, *([other] if other else [])]}


class ActivityForm(WithForm, AccountForm):
    """Quick entry of an activity: type, with whom, outcome, next step. On a deal's page the deal is given.

    A `line` that says all of it in words fills the fields when it comes for the first time; the form then holds it as
    `line_read`, and what the fields say counts. `meant` answers which of several is called what the line says.
    """

    line = LineField(
        label=_("In one line"),
        max_length=MOST_LINE,
        required=False,
        widget=forms.TextInput({"autofocus": True, "autocomplete": "off"}),
        help_text=_("call Ann about pricing, follow up Friday"),
    )
    line_read = forms.CharField(required=False, widget=forms.HiddenInput, max_length=MOST_LINE)
    meant = forms.ChoiceField(label=_("Who is meant?"), required=False, widget=forms.RadioSelect)
    kind = forms.ChoiceField(label=_("Type"), choices=Activity.Kind.choices)
    subject = LineField(label=_("Subject"), max_length=160)
    outcome = TextField(
        label=_("Outcome"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    done = forms.BooleanField(label=_("Already done"), required=False, initial=True)
    done_on = LocaleDateField(label=_("Done on"), required=False, help_text=_("If it was before today."))
    due_on = LocaleDateField(label=_("Due"), required=False, help_text=_("When it is still to be done."))
    at = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    next_step = LineField(label=_("Next step"), max_length=160, required=False)
    next_step_on = LocaleDateField(label=_("Next step due"), required=False)
    opportunity = WholeField(required=False, least=1, widget=forms.HiddenInput)
    lead = WholeField(required=False, least=1, widget=forms.HiddenInput)

    FOLDED = (
        *("contact_ids", "other_contact_id", "outcome", "done", "done_on", "due_on", "at"),
        *("next_step", "next_step_on"),
    )
    read: Understood | None = None
    is_given = False
    asked_meant: Sequence[Meant] = ()
    unknown = ""
    """The name in the line that nobody in reach has, where it has to be known whom it is about."""

    def __init__(self, data: Any = None, *, mine: Reach, **options: Any) -> None:
        super().__init__(data, mine=mine, **options)
        self._read_line()
        said = {name: self._said(name) for name in ("opportunity", "lead", "account")}
        for name, model in (("opportunity", Opportunity), ("lead", Lead)):
            if said[name]:
                row = model.objects.visible_to(mine).filter(pk=said[name]).first()
                said["account"] = row.account_id if row else None
                break
        self.offer_at(said["account"], said["opportunity"])

    def _read_line(self) -> None:
        """Let the fields hold what a line that is new says, and whom it means where that is one or was chosen."""
        line = str(self.data.get("line") or "").strip() if self.is_bound else ""
        if not line or len(line) > MOST_LINE or NO_TEXT.search(line):
            return
        found = self._understood(line)
        self.read = found
        self.asked_meant = found.meant if len(found.meant) > 1 else ()
        self.unknown = "" if found.meant else found.said.name
        self.fields["meant"].choices = [(one.key, one.label) for one in self.asked_meant]  # type: ignore[attr-defined]
        chosen = next((one for one in found.meant if one.key == self.data.get("meant")), None)
        is_new = line != self.data.get("line_read")
        if is_new or chosen:
            typed: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, as it is bound
            typed["line_read"] = line
            if is_new:
                typed.update(_as_typed(found))
                if self.asked_meant and self.data.get(
                    "line_read"
                ):  # an earlier line may have said the account
                    typed.update({"account": "", "account_name": ""})
            elif found.said.topic and typed.get("subject") == found.said.text:
                typed["subject"] = found.said.topic
            self.data = typed
            self._mean(typed, chosen or found.one)
        is_picked = self.data.get("account") or self.data.get("account_name") or self.is_given
        self._ask_who(found.said.name, is_asked=bool(self.asked_meant) and not is_picked)

    def _ask_who(self, name: str, *, is_asked: bool) -> None:
        """Ask for one of several of that name."""
        field, message = self.fields["meant"], _("Several are called %(name)s. Choose one.")
        field.required, field.error_messages["required"] = is_asked, message % {"name": name}

    def _understood(self, line: str) -> Understood:
        given = {name: self._said(name) for name in ("opportunity", "lead", "account")}
        if self.data.get("line_read") not in ("", None, line):
            given["account"] = None
        account, self.is_given = given["account"], any(given.values())
        for name, model in (("opportunity", Opportunity), ("lead", Lead)):
            if given[name]:
                row = model.objects.visible_to(self.mine).filter(pk=given[name]).first()
                account = row.account_id if row else None
        return understood(self.mine, line, account_id=account, is_given=self.is_given)

    def _mean(self, typed: Any, one: Meant | None) -> None:
        """Let the fields say whom it is about."""
        if one is None:
            return
        for name in ("opportunity", "lead"):
            if pk := getattr(one, f"{name}_id"):
                typed[name] = str(pk)
        if one.account_id and not (self._said("opportunity") or self._said("lead")):
            if typed.get("account") != str(one.account_id):
                typed.setlist("contact_ids", [])
            typed["account"], typed["account_name"] = str(one.account_id), one.account_name
        if one.contact_id:
            ticked = {*typed.getlist("contact_ids"), str(one.contact_id)}
            typed.setlist("contact_ids", sorted(ticked, key=str))

    def _typed(self, name: str) -> int | None:
        """The same, and whom the line named in vain."""
        if self.fields["meant"].required and not name:
            return None  # who is meant says it
        if name or not self.unknown:
            return super()._typed(name)
        message = _("Nobody in your reach is called %(name)s. Choose the account.")
        self.add_error("account", message % {"name": self.unknown})
        return None

    def is_rest_open(self) -> bool:
        """Whether what is folded is shown: where it holds something that was typed or understood, or is wrong."""
        if not self.is_bound:
            return False
        is_planned, rest = not self.data.get("done"), [name for name in self.FOLDED if name != "done"]
        return is_planned or any(self[name].errors or self.data.get(name) for name in rest)

    def _said(self, name: str) -> int | None:
        """The id of what this is about, as it was sent or given."""
        text = str((self.data if self.is_bound else self.initial).get(name) or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= ID_DIGITS else None

    def clean(self) -> dict[str, Any]:
        """As the service takes it: about a deal, a lead, or an account."""
        for name in ("line", "line_read", "meant"):
            self.cleaned_data.pop(name, None)
        if self.cleaned_data.get("done") is False:
            self.cleaned_data["done_on"] = None
        self.cleaned_data = self.with_whom(self.cleaned_data)
        given = {f"{name}_id": self.cleaned_data.pop(name, None) for name in ("opportunity", "lead")}
        given = {name: pk for name, pk in given.items() if pk is not None}
        if not given:
            return super().clean()
        about = ("account", "account_name", "account_is_new")
        kept = {name: value for name, value in self.cleaned_data.items() if name not in about}
        return {**kept, **given}


def _as_typed(found: Understood) -> dict[str, str]:
    """What a line says, as the fields of the form hold it; what it does not say of stays as it was."""
    said = found.said
    fields = {
        "kind": said.kind,
        "subject": found.subject,
        "done": "" if said.is_planned else "on",
        "due_on": said.on.isoformat() if said.on and said.is_planned else "",
        "done_on": said.on.isoformat() if said.on and not said.is_planned else "",
        "at": said.at.strftime("%H:%M") if said.at else "",
    }
    more = {"outcome": said.outcome, "next_step": said.next_step}
    if said.next_step_on:
        more["next_step_on"] = said.next_step_on.isoformat()
    return fields | {name: text for name, text in more.items() if text}


class CompleteForm(WithForm):
    """An activity is done, and this came of it."""

    outcome = TextField(
        label=_("Outcome"), max_length=4000, required=False, widget=forms.Textarea({"rows": 3})
    )
    version = version_field()

    def clean(self) -> dict[str, Any]:
        """As the service takes it."""
        return self.with_whom(self.cleaned_data)
