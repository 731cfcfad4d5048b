"""People as they are named on forms: by name, by e-mail address where two share the name."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.functions import Lower

from common.access import Reach
from territories.models import User

SUGGESTED = 200


@dataclass(frozen=True)
class Suggestion:
    """What to type for a person, and the words that tell them from others."""

    text: str
    hint: str


def suggested_people(mine: Reach) -> list[Suggestion]:
    """The people whom the reader is likely to name: those they lead, or everybody; anybody else can be typed too."""
    rows = User.objects.filter(is_active=True, seats__superseded_at=None, seats__isnull=False).distinct()
    if "org" not in mine.relations("order"):
        near = {*mine.people, *mine.ids("own")}
        rows = rows.filter(Q(pk__in=near) | Q(seats__territory_id__in=mine.nodes))
    shared = _shared_names()
    return [
        Suggestion(person.email, person.name)
        if person.name.lower() in shared
        else Suggestion(person.name, person.email)
        for person in rows[:SUGGESTED]
    ]


def _shared_names() -> set[str]:
    """The names, in small letters, that more than one person has."""
    names = User.objects.order_by().values_list(Lower("name")).annotate(people=Count("pk"))
    return {name for name, _people in names.filter(people__gt=1)}


def people_named(text: str) -> list[User]:
    """Those whom a text names: the one with that e-mail address, else two at most of that name."""
    return list(User.objects.filter(email=text.lower())) or list(User.objects.filter(name__iexact=text)[:2])


def typed_name(person: User) -> str:
    """What names this person alone: the name, or the e-mail address where somebody else has the same name."""
    return person.name if len(people_named(person.name)) == 1 else person.email
