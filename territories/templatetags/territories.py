"""Where pages about territories lead back to."""

from django import template
from django.urls import reverse

from common.slots import slot_urls
from common.transaction import reach

register = template.Library()


@register.simple_tag
def territories_home() -> str:
    """{% territories_home %}: the page about all territories that the reader finds in the navigation: the workbench,
    else the tree.
    """
    pages = slot_urls("territories.workbench") if reach().relations("territory", "list") else []
    return next(iter(pages), reverse("territory_tree"))
