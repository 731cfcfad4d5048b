"""Whether people accepted what is asked of them in a fiscal year."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from common.locale import format_instant, format_money
from common.models import Period
from common.selectors import the_organisation
from common.transaction import widened
from quotas.models import Quota
from workspace.models import Approval

ACCEPT = "quota_accept"


class Year(NamedTuple):
    """A person's fiscal year."""

    person_id: int
    year_id: int

    @property
    def key(self) -> str:
        """What an approval calls it."""
        return f"{self.person_id}:{self.year_id}"


def standing_ids(years: Iterable[Year]) -> dict[Year, list[int]]:
    """The standing quotas of each person and fiscal year, as far as the reader sees them."""
    found: dict[Year, list[int]] = {year: [] for year in years}
    of_them = Q(person__in={year.person_id for year in found})
    in_them = Q(period__parent__in={year.year_id for year in found})
    rows = Quota.objects.current().filter(of_them & in_them).order_by("pk")
    for pk, *year in rows.values_list("pk", "person_id", "period__parent_id"):
        found.get(Year(*year), []).append(pk)
    return found


def acceptance_effects(asked: Sequence[dict[str, Any]]) -> list[str]:
    """What each of them accepts, quarter by quarter and in all; no figure changes by it."""
    wanted = [set(one["quota_ids"]) for one in asked]
    rows = Quota.objects.filter(pk__in=set[int]().union(*wanted)).select_related("period", "family")
    quotas = list(rows.order_by("period__starts_on"))
    return [_effect([row for row in quotas if row.pk in ids]) for ids in wanted]


def _effect(rows: Sequence[Quota]) -> str:
    parts: dict[tuple[str, str], list[Quota]] = defaultdict(list)
    for row in rows:
        parts[row.family.name if row.family else "", row.kind].append(row)
    sentences = [_part(*slice_, its) for slice_, its in sorted(parts.items())]
    return " ".join([*sentences, _("Accepting changes no figure.")])


def _part(family: str, kind: str, rows: Sequence[Quota]) -> str:
    """One slice of the year: *Hardware, own selling quota: 2026-Q1 $1.00, 2026-Q2 $2.00; $3.00 in all.*"""
    currency = the_organisation().reporting_currency
    about = [family] if family else []
    about += [str(Quota.Kind(kind).label)] if kind == Quota.Kind.OWN else []
    each = ", ".join(f"{row.period.code} {format_money(row.amount_minor, currency)}" for row in rows)
    if len(rows) > 1:
        total = format_money(sum(row.amount_minor for row in rows), currency)
        each = _("%(each)s; %(total)s in all") % {"each": each, "total": total}
    return f"{', '.join(about)}: {each}." if about else f"{each}."


@dataclass(frozen=True)
class Acceptance:
    """What became of asking somebody to accept their quotas of a year; `approval` is where it was asked."""

    approval: Approval
    is_current: bool

    @property
    def words(self) -> str:
        """*accepted on 4 May 2026, 10:00 by Rita Rep*; in its place that the quotas changed since."""
        row, waits = self.approval, self.approval.state == Approval.State.WAITING
        if not self.is_current:
            return _("changed since it was asked") if waits else _("changed since it was answered")
        if waits:
            return _("waits for acceptance since %(at)s") % {"at": format_instant(row.asked_at)}
        values = {"at": format_instant(row.answered_at), "name": row.approver.name if row.approver else ""}
        if row.state == Approval.State.GRANTED:
            return _("accepted on %(at)s by %(name)s") % values
        return _("not accepted: %(reason)s") % {"reason": row.answer}

    @property
    def level(self) -> str:
        """The look of its badge."""
        if not self.is_current:
            return "warn"
        return {"granted": "good", "refused": "bad"}.get(self.approval.state, "")


def _asked(years: Iterable[Year]) -> dict[str, list[Approval]]:
    """What was asked of these people about these years and not taken back, newest first, by its key."""
    keys = {year.key for year in years}
    with widened("approval"):
        rows = Approval.objects.filter(kind=ACCEPT, key__in=keys).exclude(state=Approval.State.WITHDRAWN)
        found: dict[str, list[Approval]] = defaultdict(list)
        for row in rows.select_related("approver").order_by("-id"):
            found[row.key].append(row)
    return found


def year_acceptance(person_id: int, year: Period) -> Acceptance | None:
    """Whether a person accepted all that stands for a year; None where they were not asked."""
    wanted = Year(person_id, year.pk)
    newest = next(iter(_asked([wanted])[wanted.key]), None)
    if newest is None:
        return None
    return Acceptance(newest, newest.payload["quota_ids"] == standing_ids([wanted])[wanted])


def acceptances(quotas: Sequence[Quota]) -> dict[int, Acceptance]:
    """The newest acceptance that covers each of these quotas, which the reader sees; none for what asked nobody."""
    years = {
        quota.pk: Year(quota.person_id, quota.period.parent_id)
        for quota in quotas
        if quota.person_id and quota.period.parent_id
    }
    asked = _asked(years.values()) if years else {}
    found = {}
    for pk, year in years.items():
        covering = (row for row in asked[year.key] if pk in row.payload["quota_ids"])
        if row := next(covering, None):
            found[pk] = Acceptance(row, is_current=True)
    return found
