"""Whom a typed line means: contacts, accounts, deals and leads in reach that are called what it says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account, Contact
from common.access import Reach
from common.errors import Refused
from common.locale import current, parse_date
from common.selectors import period_of, today
from pipeline.models import Activity, Lead, Opportunity
from pipeline.rules.one_line import Said, candidates, read_line
from pipeline.rules.spoken_days import Clock
from pipeline.selectors.activities import now_in

MOST_MEANT = 8


@dataclass(frozen=True)
class Meant:
    """One whom a name may mean, as a form offers it (`key`, `label`), and what the activity is then about."""

    key: str
    label: str
    account_id: int | None = None
    account_name: str = ""
    opportunity_id: int | None = None
    lead_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True)
class Understood:
    """What a line says, and whom it may mean: nobody, one, or several to choose from."""

    said: Said
    meant: list[Meant]

    @property
    def one(self) -> Meant | None:
        return self.meant[0] if len(self.meant) == 1 else None

    @property
    def kind_label(self) -> str:
        return str(Activity.Kind(self.said.kind).label)

    @property
    def subject(self) -> str:
        """What it was about where it is known with whom it was; else the line as it was typed."""
        return self.said.topic if self.said.topic and (self.one or not self.said.name) else self.said.text


def understood(
    mine: Reach, line: str, *, account_id: int | None = None, is_given: bool = False
) -> Understood:
    """What a line says to its reader. `is_given`: what it is about is known; it means that account's contacts alone."""
    said = read_line(line, _clock())
    if is_given:
        contacts = _contacts(mine).filter(account=account_id)
        return Understood(
            said, _longest(said.name, [(contacts, _of_contact)]) if account_id and said.name else []
        )
    return Understood(said, meant_by(mine, said) if said.name else [])


def meant_by(mine: Reach, said: Said) -> list[Meant]:
    """Who in reach is called what the line says: of those whose names fit the longest part of it, the exact ones first.

    With a place, its contacts of that name; else the place itself.
    """
    accounts = Account.objects.standing().visible_to(mine)
    if said.place:
        places = _longest(said.place, [(accounts, _of_account)])
        ids = [place.account_id for place in places]
        return _longest(said.name, [(_contacts(mine).filter(account__in=ids), _of_contact)]) or places
    deals = Opportunity.objects.visible_to(mine).open().select_related("account")
    leads = Lead.objects.visible_to(mine).open()
    kinds: list[Kind] = [
        (_contacts(mine), _of_contact),
        (accounts, _of_account),
        (deals, _of_deal),
        (leads, _of_lead),
    ]
    return _longest(said.name, kinds)


Kind = tuple[QuerySet[Any], Callable[[Any], Meant]]


def _contacts(mine: Reach) -> QuerySet[Contact]:
    return Contact.objects.visible_to(mine).filter(account__merged_into=None).select_related("account")


def _longest(name: str, kinds: Iterable[Kind]) -> list[Meant]:
    """Whose name is the longest part of what was typed, or begins with it where nobody is called just that."""
    names = candidates(name)
    found = [(_fit(row.name, names), of(row)) for rows, of in kinds for row in _called(rows, names)]
    best = max((fit for fit, _one in found), default=(0, False))
    return [one for fit, one in found if fit == best and best[0]][:MOST_MEANT]


def _fit(name: str, names: list[str]) -> tuple[int, bool]:
    """How many words of what was typed a name begins with, and whether it is just these."""
    low = name.lower()
    for typed in names:
        if low == typed or low.startswith(f"{typed} "):
            return len(typed.split()), low == typed
    return 0, False


def _called(rows: QuerySet[Any], names: list[str]) -> QuerySet[Any]:
    """The first rows whose name begins with one of these, word by word."""
    keyed = any(field.name == "name_key" for field in rows.model._meta.get_fields())
    fits = Q(pk__in=[])
    for name in names:
        if keyed:  # a range, because row policies keep LIKE out of an index
            fits |= Q(name_key=name) | Q(name_key__gte=f"{name} ", name_key__lt=f"{name}!")
        else:
            fits |= Q(name__iexact=name) | Q(name__istartswith=f"{name} ")
    return rows.filter(fits).order_by("pk")[: 4 * MOST_MEANT]


def _of_contact(row: Contact) -> Meant:
    return Meant(
        f"contact:{row.pk}",
        f"{row.name} · {row.account}",
        row.account_id,
        str(row.account),
        contact_id=row.pk,
    )


def _of_account(row: Account) -> Meant:
    place = f" · {row.town}" if row.town else ""
    return Meant(f"account:{row.pk}", f"{row.name}{place}", row.pk, row.name)


def _of_deal(row: Opportunity) -> Meant:
    account = f" · {row.account}" if row.account else ""
    return Meant(f"deal:{row.pk}", f"{row.name}{account}", row.account_id, opportunity_id=row.pk)


def _of_lead(row: Lead) -> Meant:
    label = _("%(name)s · lead") % {"name": row}
    return Meant(f"lead:{row.pk}", label, row.account_id, lead_id=row.pk)


def _clock() -> Clock:
    """The reader's clock, and how they write days."""
    return Clock(now_in(current().zone), _day, _quarter_end)


def _day(text: str) -> Any:
    try:
        return parse_date(text)
    except Refused:
        return None


def _quarter_end() -> Any:
    quarter = period_of(today())
    return quarter.last_day if quarter else None
