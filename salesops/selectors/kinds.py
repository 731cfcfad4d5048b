"""What is found by a search and remembered as opened: which rows, how they are called, and where their page is."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower, NullIf
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from accounts.models import Account, Contact
from common.access import Reach
from orders.models import Order
from pipeline.models import Lead, Opportunity
from planning.models import Draft
from territories.models import Territory, User

LAST = "\U0010ffff"
IDENTIFIER = re.compile(r"[A-Z]+-\d+|\S+@\S+", re.IGNORECASE)
"""A number as the product gives it, or an e-mail address: never a part of a name."""
NEWEST = 2_000
"""In so many of the newest rows that somebody sees, names are searched for what they hold, not how they begin."""


@dataclass(frozen=True)
class Kind:
    """Rows of one kind, `key` in the access table: what each is called and told apart by, and how it is found.

    `exact` says which rows a text identifies; `begins` names the columns in small letters by whose index a beginning of
    a name is found, `are_few` that each row may be looked at. `page`: where a row leads, by the id in `leads_to`;
    `asks`: what its page asks of the access table; `but`: rows that nobody looks for any more.
    """

    key: str
    label: StrOrPromise
    symbol: str
    page: str
    model: type[Model]
    name: Any
    detail: Any
    exact: Callable[[str], Q]
    begins: tuple[str, ...] = ()
    leads_to: str = "pk"
    more: str = ""
    asks: str = "read"
    but: Q = field(default_factory=Q)
    are_few: bool = False

    def rows(self, mine: Reach) -> QuerySet[Any]:
        """Those whose page the reader may open."""
        in_reach = mine.q_of_parents(self.model, action=self.asks)
        return self.model._default_manager.filter(self.but, in_reach)

    def found(self, mine: Reach, text: str, most: int) -> list[tuple[Any, ...]]:
        """Rank, id, name and detail of at most so many rows, in one statement: identified, begun so, holding it.

        Where the text is an identifier, and one of these rows has it, names are not searched for what they hold.
        """
        rows, typed = self.rows(mine), text.lower()
        named = {"called": self.name, "told": self.detail, "to": F(self.leads_to)}
        steps = [self._ranked(rows.filter(self.exact(text)), 0, "pk")]
        if self.begins:
            newest = rows.filter(pk__in=rows.order_by("-pk").values("pk")[:NEWEST])
            for rank, column in enumerate(self.begins, 1):
                begun = rows.filter(**{f"{column}__gte": typed, f"{column}__lt": typed + LAST})
                steps.append(self._ranked(begun, rank, column))
            holding = self._any("__contains", typed) & ~self._any("__startswith", typed)
            if IDENTIFIER.fullmatch(text):
                newest = newest.filter(~Exists(steps[0].order_by()))
            steps.append(self._ranked(newest.filter(holding), 8, "pk"))
        elif self.are_few:
            starts = Q(name__istartswith=text)
            steps.append(self._ranked(rows.filter(starts), 1, Lower("name")))
            inside = rows.filter(Q(name__icontains=text) & ~starts)
            steps.append(self._ranked(inside, 8, Lower("name")))
        parts = [step.annotate(**named).values_list("rank", "to", "called", "told")[:most] for step in steps]
        return sorted(parts[0].union(*parts[1:], all=True)[:most], key=lambda row: row[0])

    def _ranked(self, rows: QuerySet[Any], rank: int, order: Any) -> QuerySet[Any]:
        ranked: QuerySet[Any] = rows.annotate(rank=Value(rank)).order_by(order, "pk")
        return ranked

    def _any(self, how: str, typed: str) -> Q:
        return Q(*((f"{column}{how}", typed) for column in self.begins), _connector=Q.OR)

    def named(self, mine: Reach, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Name and detail of these rows, as far as the reader may open them."""
        rows = self.rows(mine).filter(pk__in=ids).annotate(called=self.name, told=self.detail)
        return {pk: (called, told) for pk, called, told in rows.values_list("pk", "called", "told")}


def _number(text: str, prefix: str = "") -> list[str]:
    """How a number may be written: as it is, in capitals, or by its digits alone."""
    return [text, text.upper(), *([prefix + text] if prefix and text.isdigit() else [])]


KINDS = (
    Kind(
        key="account",
        label=_("Accounts"),
        symbol="building-2",
        page="account_detail",
        model=Account,
        name=F("name"),
        detail=F("town"),
        exact=lambda text: Q(number__in=_number(text)),
        begins=("name_key",),
        but=Q(merged_into=None),
        more="account_list",
    ),
    Kind(
        key="contact",
        label=_("Contacts"),
        symbol="user-round",
        page="account_detail",
        model=Contact,
        name=F("name"),
        detail=F("account__name"),
        exact=lambda text: Q(email_key=text.lower()) & ~Q(email_key=""),
        begins=("name_key",),
        leads_to="account_id",
    ),
    Kind(
        key="opportunity",
        label=_("Opportunities"),
        symbol="handshake",
        page="opportunity_detail",
        model=Opportunity,
        name=F("name"),
        detail=F("number"),
        exact=lambda text: Q(number__in=_number(text, "OPP-")),
        begins=("name_key",),
        but=~Q(state=Opportunity.State.MERGED),
        more="opportunity_list",
    ),
    Kind(
        key="lead",
        label=_("Leads"),
        symbol="magnet",
        page="lead_detail",
        model=Lead,
        name=Coalesce(NullIf(F("name"), Value("")), F("company")),
        detail=F("company"),
        exact=lambda text: (
            Q(number__in=_number(text, "LEAD-")) | (Q(email_key=text.lower()) & ~Q(email_key=""))
        ),
        begins=("name_key", "company_key"),
        more="lead_list",
    ),
    Kind(
        key="order",
        label=_("Orders"),
        symbol="file-check",
        page="order_detail",
        model=Order,
        name=F("number"),
        detail=Subquery(Account.objects.filter(pk=OuterRef("account_id")).values("name")),
        exact=lambda text: Q(number__in=_number(text)) | (Q(purchase_order=text) & ~Q(purchase_order="")),
        more="order_list",
    ),
    Kind(
        key="territory",
        label=_("Territories"),
        symbol="network",
        page="territory_detail",
        model=Territory,
        name=F("name"),
        detail=F("code"),
        exact=lambda text: Q(code__iexact=text),
        are_few=True,
    ),
    Kind(
        key="user",
        label=_("People"),
        symbol="users",
        page="person_detail",
        model=User,
        name=F("name"),
        detail=F("email"),
        exact=lambda text: Q(email=text.lower()),
        asks="inspect",
        but=Q(is_active=True),
        are_few=True,
    ),
    Kind(
        key="draft",
        label=_("Realignments"),
        symbol="shuffle",
        page="draft_detail",
        model=Draft,
        name=F("name"),
        detail=Value(""),
        exact=lambda text: Q(pk__in=[]),
        are_few=True,
    ),
)
