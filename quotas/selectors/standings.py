"""Where each of several people stands in a quarter: what they were asked to sell, and what they sold."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import QuerySet

from common.access import Reach
from common.errors import Forbidden
from common.models import Period
from orders.selectors.known import CURRENT, AsOf
from quotas import rules
from quotas.selectors.crediting import credited, rule_of
from quotas.selectors.plan import own_quotas
from territories.models import User


@dataclass(frozen=True)
class Standing:
    """One person's own figures of a quarter, in plan money."""

    person: User
    quota_minor: int | None
    intake_minor: int

    @property
    def attainment(self) -> Fraction | None:
        return rules.attainment(self.intake_minor, self.quota_minor)


def people_of(mine: Reach) -> QuerySet[User]:
    """The people whose attainment the reader may see. Raises Forbidden where that is nobody's."""
    relations = mine.relations("leaf_cell")
    if not relations:
        raise Forbidden()
    if "org" in relations:
        return User.objects.all()
    led = mine.people if "sub" in relations else frozenset[int]()
    return User.objects.filter(pk__in=led | mine.ids("own"))


def standings(mine: Reach, people: Sequence[User], quarter: Period, as_of: AsOf = CURRENT) -> list[Standing]:
    """The figures of these people by the rule of the quarter's year, by a fixed number of queries."""
    ids = [person.pk for person in people]
    [quotas] = own_quotas(ids, [quarter], as_of.known_at)
    intakes = credited(mine, ids, quarter, rule_of(quarter), as_of)
    return [Standing(person, quotas.get(person.pk), intakes[person.pk]) for person in people]
