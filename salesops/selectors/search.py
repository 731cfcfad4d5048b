"""Search over names, in reach."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Account
from common.access import Reach
from pipeline.models import Opportunity
from territories.models import Territory, User

HITS = 6


@dataclass(frozen=True)
class Hit:
    """Something that a search found."""

    kind: str
    name: str
    detail: str
    url_name: str
    pk: int


def search(reach: Reach, text: str) -> list[Hit]:
    """Accounts, deals, territories and (for admins) people whose name holds the text, in reach."""
    text = text.strip()
    if len(text) < 2:
        return []
    people = User.objects.filter(is_active=True) if reach.relations("user", "list") else User.objects.none()
    return [
        *_hits(_("Account"), "account_detail", Account.objects.standing().visible_to(reach), text, "town"),
        *_hits(
            _("Opportunity"),
            "opportunity_detail",
            Opportunity.objects.standing().visible_to(reach),
            text,
            "number",
        ),
        *_hits(_("Territory"), "territory_detail", Territory.objects.visible_to(reach), text, "code"),
        *_hits(_("Person"), "person_detail", people, text, "email"),
    ]


def _hits(kind: str, url_name: str, rows: QuerySet[Any], text: str, detail: str) -> list[Hit]:
    found = rows.filter(name__icontains=text).order_by("name", "pk")[:HITS]
    return [Hit(kind, row.name, getattr(row, detail), url_name, row.pk) for row in found]
