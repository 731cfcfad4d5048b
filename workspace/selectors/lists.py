"""The values that forms offer."""

from django.db.models import QuerySet

from workspace.models import ListValue


def values_of(name: str) -> QuerySet[ListValue]:
    """Every value of a list in its order, also those that are not offered any more."""
    return ListValue.objects.filter(list=name)


def offered(name: str) -> list[str]:
    """What a form offers of a list, in its order."""
    return list(values_of(name).filter(is_offered=True).values_list("value", flat=True))
