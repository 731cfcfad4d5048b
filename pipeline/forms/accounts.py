"""The account of a quick entry: picked from what was found, typed in full, or made in place."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from accounts.selectors import account_suggest, named
from accounts.selectors.duplicates import Alike
from accounts.services import Exists
from common.access import Reach
from common.forms import LineField

NEW = "new"
MOST_LIKELY = 3


class AccountForm(forms.Form):
    """`account` is an account's id, or `new`, or empty where only a name was typed.

    Without a script the name alone finds the account; where a form `may_create`, one that is not found is made when
    that is asked for.
    """

    account = forms.CharField(label=_("Account"), required=False, max_length=20)
    account_name = LineField(label=_("Account"), required=False, max_length=160)
    account_is_new = forms.BooleanField(label=_("Create this account"), required=False)

    may_create = offers_new = False
    likely: Sequence[Account] = ()
    """The accounts that may be meant by a name that none has, the best first."""

    def __init__(self, data: Any = None, *, mine: Reach, **options: Any) -> None:
        super().__init__(data, **options)
        self.mine = mine

    def clean(self) -> dict[str, Any]:
        """As the service takes it: `account_id`, or no id and the name of a new account."""
        cleaned = dict(self.cleaned_data)
        picked, typed = cleaned.pop("account", ""), cleaned.pop("account_name", "")
        is_new = cleaned.pop("account_is_new", False) or picked == NEW
        anyway = cleaned.pop("account_anyway", "")
        if is_new and typed and self.may_create:
            self.offers_new = picked != NEW
            return {**cleaned, "account_id": None, "account_name": typed, "account_anyway": anyway}
        return {**cleaned, "account_id": self._picked(picked) if picked else self._typed(typed)}

    @property
    def found(self) -> Alike | None:
        """The accounts that are like the new one, where it was refused because of them."""
        refusal = getattr(self, "refusal", None)
        return refusal.found if isinstance(refusal, Exists) else None

    def _picked(self, text: str) -> int | None:
        """The picked account, which the service checks again."""
        if text.isascii() and text.isdigit():
            return int(text)
        self.add_error("account", _("Pick an account from the list."))
        return None

    def _typed(self, name: str) -> int | None:
        """The one account in reach of that name; otherwise the form says what to do."""
        found = named(self.mine, name) if name else []
        if len(found) == 1:
            return found[0]
        self.offers_new = self.may_create and bool(name) and not found
        self.likely = account_suggest(self.mine, name)[:MOST_LIKELY] if not found else ()
        if found:
            self.add_error("account", _("Several accounts have this name. Pick one from the list."))
        elif name:
            self.add_error("account", _("There is no account of this name in your reach."))
        else:
            self.add_error("account", _("Say which account this is about."))
        return None
