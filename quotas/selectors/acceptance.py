"""Whether people accepted what is asked of them in a fiscal year."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.locale import format_instant, format_money
from common.models import Period
from common.selectors import the_organisation
from common.transaction import widened
from quotas.models import Quota
from workspace.models import Approval

ACCEPT = "quota_accept"
Year = tuple[int, int]
"""A person, and a fiscal year."""


def acceptance_key(year: Year) -> str:
    return f"{year[0]}:{year[1]}"


def standing_ids(years: Iterable[Year]) -> dict[Year, list[int]]:
    """The standing quotas of each person and fiscal year, as far as the reader sees them."""
    wanted = set(years)
    people, parents = ({year[part] for year in wanted} for part in range(2))
    rows = Quota.objects.current().filter(person__in=people, period__parent__in=parents).order_by("pk")
    found: dict[Year, list[int]] = defaultdict(list)
    for pk, person_id, parent_id in rows.values_list("pk", "person_id", "period__parent_id"):
        found[person_id, parent_id].append(pk)
    return {year: found[year] for year in wanted}


def acceptance_effect(person_id: int, year_id: int, quota_ids: Sequence[int]) -> str:
    """What somebody accepts, quarter by quarter and in all; no figure changes by it."""
    rows = (
        Quota.objects.filter(pk__in=quota_ids)
        .select_related("period", "family")
        .order_by("period__starts_on")
    )
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
    keys = [acceptance_key(year) for year in set(years)]
    with widened("approval"):
        rows = Approval.objects.filter(kind=ACCEPT, key__in=keys).exclude(state=Approval.State.WITHDRAWN)
        found: dict[str, list[Approval]] = defaultdict(list)
        for row in rows.select_related("approver").order_by("-id"):
            found[row.key].append(row)
    return found


def year_acceptance(person_id: int, year: Period) -> Acceptance | None:
    """Whether a person accepted all that stands for a year; None where they were not asked."""
    wanted = (person_id, year.pk)
    newest = next(iter(_asked([wanted])[acceptance_key(wanted)]), None)
    if newest is None:
        return None
    return Acceptance(newest, newest.payload["quota_ids"] == standing_ids([wanted])[wanted])


def acceptances(quotas: Sequence[Quota]) -> dict[int, Acceptance]:
    """The newest acceptance that covers each of these quotas, which the reader sees; none for what asked nobody."""
    years = {quota.pk: (quota.person_id, quota.period.parent_id) for quota in quotas if quota.person_id}
    asked = _asked(years.values()) if years else {}  # type: ignore[arg-type]  # a quarter lies in a year
    found = {}
    for pk, year in years.items():
        covering = (row for row in asked[acceptance_key(year)] if pk in row.payload["quota_ids"])  # type: ignore[arg-type]
        if row := next(covering, None):
            found[pk] = Acceptance(row, is_current=True)
    return found
