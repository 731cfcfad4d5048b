"""What is here already, as far as a table has to know it: read when it is asked for, once for each check."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import cast

from accounts.models import Account, Module
from catalog.models import Family, Product
from common.importing import Guesses, Names
from common.models import Organisation, Period
from common.selectors import the_organisation, today
from imports.rules.people import Person, Tree
from pipeline.models import Lead, Opportunity, SalesModel, Stage
from territories.models import Edge, RoleGrant, Seat, Territory, User

RANK = {Seat.Kind.LEAD: 0, Seat.Kind.OWNER: 1}


class Known:
    """The installation for one check."""

    def __init__(self) -> None:
        self.company: Organisation = the_organisation()
        self.currency = self.company.reporting_currency
        self.today = today()

    @cached_property
    def quarters(self) -> dict[str, Period]:
        """The quarters of the calendar by their codes, first to last."""
        return {period.code: period for period in Period.objects.quarters().order_by("starts_on")}

    @cached_property
    def years(self) -> list[str]:
        """The codes of the fiscal years that are not over, the last one first."""
        rows = Period.objects.filter(kind=Period.Kind.YEAR, stops_on__gt=self.today)
        return list(rows.order_by("-starts_on").values_list("code", flat=True))

    @cached_property
    def first_day(self) -> date:
        """The first day of the first fiscal year that is not closed: from then on things hold where no day is named."""
        years = Period.objects.filter(kind=Period.Kind.YEAR, is_closed=False)
        first = years.order_by("starts_on").first()
        return first.starts_on if first else self.today

    @cached_property
    def people(self) -> dict[str, User]:
        """The people who are still here, by e-mail address."""
        return {user.email: user for user in User.objects.filter(is_active=True)}

    @cached_property
    def people_named(self) -> dict[str, list[str]]:
        """The addresses of the people of each name, in small letters."""
        named: dict[str, list[str]] = defaultdict(list)
        for email, user in self.people.items():
            named[user.name.casefold()].append(email)
        return named

    @cached_property
    def guesses(self) -> Guesses:
        """Who may be meant by a name that nobody has."""
        names = [*(user.name for user in self.people.values()), *self.people]
        return Guesses(lambda: dict.fromkeys(names))

    @cached_property
    def _seats(self) -> list[Seat]:
        later = Seat.objects.overlapping(self.first_day, None).filter(kind__in=Seat.LASTING)
        return list(later.select_related("user", "territory").order_by("starts_on"))

    @cached_property
    def _places(self) -> dict[int, list[Seat]]:
        """Where people sit from the first day on: what they lead before what they own."""
        held: dict[int, list[Seat]] = defaultdict(list)
        for seat in sorted(self._seats, key=lambda seat: RANK[Seat.Kind(seat.kind)]):
            held[seat.user_id].append(seat)
        return held

    @cached_property
    def seated(self) -> dict[str, Person]:
        """The people who are here, with what they are and where they sit."""
        roles: dict[int, set[str]] = defaultdict(set)
        for user_id, role in RoleGrant.objects.overlapping(self.first_day, None).values_list(
            "user_id", "role"
        ):
            roles[user_id].add(role)
        return {
            user.email: Person(email, user.name, frozenset(roles[user.pk]), self._place(user))
            for email, user in self.people.items()
        }

    def _place(self, user: User) -> str:
        held = self._places.get(user.pk)
        return str(held[0].territory.code) if held else ""

    def owned(self, email: str) -> list[str]:
        """The codes of the territories that a person owns, else of those that they lead."""
        held = self._places.get(self.people[email].pk, [])
        owned = [seat.territory.code for seat in held if seat.kind == Seat.Kind.OWNER]
        return owned or [seat.territory.code for seat in held]

    @cached_property
    def tree(self) -> Tree:
        """The territories that are here, and who sits there."""
        codes = dict(Territory.objects.values_list("pk", "code"))
        names = dict(Territory.objects.filter(is_unassigned=False).values_list("code", "name"))
        edges = Edge.objects.overlapping(self.first_day, None).order_by("-starts_on")
        parents = {
            codes[child]: codes.get(parent, "")
            for child, parent in edges.values_list("child_id", "parent_id")
        }
        held = {(seat.territory.code, seat.kind): (seat.user.email, seat.user.name) for seat in self._seats}
        roots = [code for code, parent in parents.items() if not parent and code in names]
        kinds = dict(Territory.objects.values_list("code", "kind"))
        return Tree(names, parents, held, min(roots, default=""), kinds)

    def accounts_named(self, names: Iterable[str]) -> dict[str, list[str]]:
        """The numbers of the accounts of each of these names."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, number in Account.objects.filter(name__in=list(names)).values_list("name", "number"):
            found[name].append(number)
        return found

    def deals_named(self, names: Iterable[str]) -> dict[tuple[str, str], list[Opportunity]]:
        """The deals by their names and their accounts' numbers."""
        rows = Opportunity.objects.standing().filter(name__in=list(names), account__isnull=False)
        found: dict[tuple[str, str], list[Opportunity]] = defaultdict(list)
        for deal in rows.select_related("account", "stage"):
            found[deal.name, cast("Account", deal.account).number].append(deal)
        return found

    @cached_property
    def account_numbers(self) -> dict[int, str]:
        return dict(Account.objects.values_list("pk", "number"))

    @cached_property
    def accounts(self) -> Names:
        return Names("", Account.objects.values_list("pk", "number", "name"))

    def deal_facts(self, numbers: Iterable[str]) -> dict[str, Opportunity]:
        """These deals by number."""
        rows = Opportunity.objects.filter(number__in=list(numbers)).select_related("stage")
        return {deal.number: deal for deal in rows}

    def numbers_like(self, prefix: str, model: type[Account | Lead | Opportunity] = Account) -> set[str]:
        """The numbers of rows that begin so."""
        return set(model.objects.filter(number__startswith=prefix).values_list("number", flat=True))

    @cached_property
    def families(self) -> dict[str, str]:
        """The codes of product families by code and by name, in small letters."""
        rows = list(Family.objects.values_list("code", "name"))
        return {
            **{name.casefold(): code for code, name in rows},
            **{code.casefold(): code for code, _ in rows},
        }

    @cached_property
    def priced(self) -> dict[str, str]:
        """The currency of each product by its code."""
        return dict(Product.objects.values_list("code", "currency"))

    @cached_property
    def modules(self) -> dict[str, str]:
        """The modules by their names in small letters, as they are written here."""
        return {name.casefold(): name for name in Module.objects.values_list("name", flat=True)}

    @cached_property
    def models(self) -> dict[str, SalesModel]:
        """The sales models by their names in small letters, the usual one first."""
        return {model.name.casefold(): model for model in SalesModel.objects.all()}

    @cached_property
    def _stages(self) -> dict[int, dict[str, Stage]]:
        found: dict[int, dict[str, Stage]] = defaultdict(dict)
        for stage in Stage.objects.offered():
            found[stage.sales_model_id][stage.name.casefold()] = stage
        return found

    def stages(self, model_id: int | None = None) -> dict[str, Stage]:
        """The stages of a sales model, of the usual one without any, by their names in small letters in their order."""
        usual = next((model.pk for model in self.models.values() if model.is_usual), 0)
        return self._stages[model_id or usual]

    def open_stages(self, model_id: int | None = None) -> list[str]:
        return [stage.name for stage in self.stages(model_id).values() if stage.kind == Stage.Kind.OPEN]
