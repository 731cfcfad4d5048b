"""What the home pages join from the apps: one answer per role, each with one next step."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account
from common.access import Reach
from common.models import Run
from pipeline.models import Opportunity
from territories.models import Territory, User, Visit

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
    """Accounts, deals, people and territories whose name or number begins with or holds the text, in reach."""
    text = text.strip()
    if len(text) < 2:
        return []
    people = User.objects.filter(is_active=True) if reach.roles or reach.sees_all else User.objects.none()
    return [
        *_hits(_("Account"), "account_detail", Account.objects.visible_to(reach), text, "town"),
        *_hits(_("Opportunity"), "opportunity_detail", Opportunity.objects.visible_to(reach), text, "number"),
        *_hits(_("Territory"), "territory_detail", Territory.objects.all(), text, "code"),
        *(_hits(_("Person"), "person_detail", people, text, "email") if reach.has_role("admin") else []),
    ]


def _hits(kind: str, url_name: str, rows: QuerySet[Any], text: str, detail: str) -> list[Hit]:
    found = rows.filter(name__icontains=text).order_by("name")[:HITS]
    return [Hit(kind, row.name, getattr(row, detail), url_name, row.pk) for row in found]


def last_visit(user: User) -> datetime:
    """When the person was here before this visit: what changed since is counted from there."""
    visit = Visit.objects.filter(user=user).first()
    return (visit.before_at or visit.last_at) if visit else timezone.now()


@dataclass(frozen=True)
class Change:
    """One thing that happened in a person's reach since they were last here."""

    at: datetime
    text: str
    url_name: str
    pk: int


def last_run_of(job: str) -> Run | None:
    """The newest run of a job in any state."""
    return Run.objects.filter(job=job).first()
