"""Accounts that are like one that somebody is about to add: over all accounts, also those that they may not see."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Account, Contact, Lookup, match_key
from accounts.rules.matching import LEAST_DIGITS, domain_of, phone_key, tax_number_of
from common.access import Reach
from common.transaction import reach, widened
from territories.models import User

MOST_SHOWN = 20
MOST_AN_HOUR = 30
"""So often within an hour somebody is told whether an account exists that they may not see."""
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Typed:
    """What was typed of an account, as it is kept and compared."""

    name: str
    web_domain: str = ""
    tax_number: str = ""

    @classmethod
    def of(cls, name: str, web_domain: str = "", tax_number: str = "") -> "Typed":
        return cls(name.strip(), domain_of(web_domain), tax_number_of(tax_number))

    def matches(self) -> Q:
        """The accounts of the same name, whatever its case, blanks and legal form, of the domain or the tax number."""
        same = Q(match_key=match_key(Value(self.name))) & ~Q(match_key="")
        for name in ("web_domain", "tax_number"):
            if value := getattr(self, name):
                same |= Q(**{name: value})
        return same


@dataclass(frozen=True)
class Alike:
    """Accounts that are like what was typed: those that the person sees, and the ids of the others."""

    typed: Typed
    seen: Sequence[Account] = ()
    hidden: Sequence[int] = field(default=(), repr=False)

    def __bool__(self) -> bool:
        return bool(self.seen or self.hidden)

    @property
    def ask_url(self) -> str:
        """Where access to those that are not seen is asked for, with what was typed filled in."""
        return f"{reverse('account_access')}?{urlencode({k: v for k, v in vars(self.typed).items() if v})}"


def alike(mine: Reach, typed: Typed) -> Alike:
    """The accounts, of all that there are, that are the same by name, web domain or tax number; none that is near."""
    with widened("account"):
        rows = Account.objects.filter(typed.matches(), merged_into=None).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:MOST_SHOWN])
    seen = list(Account.objects.visible_to(mine).filter(pk__in=ids).select_related("territory"))
    theirs = {account.pk for account in seen}
    return Alike(typed, seen, [pk for pk in ids if pk not in theirs])


def reached_by(email: str, phone: str) -> Q:
    """The rows, of contacts or leads, with that e-mail address or phone number; none where neither is given."""
    same, digits = Q(pk__in=[]), phone_key(phone)
    if email.strip():
        same |= Q(email_key=email.strip().lower())
    if len(digits) >= LEAST_DIGITS:
        same |= Q(phone_key=digits)
    return same


def contacts_alike(mine: Reach, email: str, phone: str) -> tuple[Sequence[Contact], bool]:
    """The contacts in reach with that e-mail address or phone number, and whether there are others out of reach."""
    with widened("account", "contact"):
        rows = Contact.objects.filter(reached_by(email, phone), account__merged_into=None).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:MOST_SHOWN])
    seen = list(Contact.objects.visible_to(mine).filter(pk__in=ids).select_related("account"))
    return seen, len(seen) < len(ids)


def lookups() -> QuerySet[Lookup]:
    """Who asked for which accounts that they do not see, for administrators."""
    return Lookup.objects.select_related("person")


def access_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """Who would read which accounts then, as far as the reader may see them."""
    people = User.objects.in_bulk([one["person_id"] for one in asked])
    ids = {pk for one in asked for pk in one["account_ids"]}
    seen = Account.objects.visible_to(reach()).select_related("territory").in_bulk(ids)
    return [
        _effect(people[one["person_id"]].name, [seen[pk] for pk in one["account_ids"] if pk in seen])
        for one in asked
    ]


def _effect(person: str, accounts: Sequence[Account]) -> str:
    if not accounts:
        return _("%(person)s may then read the account.") % {"person": person}
    names = ", ".join(f"{one.name} ({one.number}, {one.territory.name})" for one in accounts)
    return _("%(person)s may then read %(names)s.") % {"person": person, "names": names}
