"""People as they are named on forms: by name, by e-mail address where two share the name."""

from collections.abc import Iterable

from django.db.models import Count, Q
from django.db.models.functions import Lower

from common.access import Reach
from common.transaction import once
from territories.models import User

SUGGESTED = 200


def suggested_people(mine: Reach) -> list[tuple[str, str]]:
    """What to type for the people whom the reader is likely to name, and words that tell them from others.

    Those whom they lead, or everybody; anybody else can be typed too.
    """
    rows = User.objects.filter(is_active=True, seats__superseded_at=None, seats__isnull=False).distinct()
    if "org" not in mine.relations("order"):
        near = {*mine.people, *mine.ids("own")}
        rows = rows.filter(Q(pk__in=near) | Q(seats__territory_id__in=mine.nodes))
    named = [(typed_name(person), person) for person in rows[:SUGGESTED]]
    return [(text, person.email if text == person.name else person.name) for text, person in named]


def typed_name(person: User) -> str:
    """What names this person alone: the name, or the e-mail address where somebody else has the same name."""
    return person.email if person.name.lower() in _shared_names() else person.name


@once
def _shared_names() -> set[str]:
    """The names, in small letters, that more than one person has."""
    names = User.objects.order_by().values_list(Lower("name")).annotate(people=Count("pk"))
    return {name for name, _people in names.filter(people__gt=1)}


def people_named(texts: Iterable[str]) -> dict[str, list[int]]:
    """Whom each text names, by one query: the one with that e-mail address, else all of that name."""
    typed = {text.lower() for text in texts}
    people = User.objects.annotate(small=Lower("name")).filter(Q(email__in=typed) | Q(small__in=typed))
    found: dict[str, list[int]] = {text: [] for text in typed}
    rows = list(people.values_list("pk", "email", "small"))
    for pk, _email, name in rows:
        if name in typed:
            found[name].append(pk)
    return found | {email: [pk] for pk, email, _name in rows if email in typed}
