"""Who else is about to move what a realignment moves: other realignments, and requests that wait."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import ngettext

from accounts.models import ModuleMember
from common.locale import format_number
from common.transaction import reach, widened
from planning.models import Draft, Move
from planning.selectors.assign import Waiting, waiting_requests
from planning.selectors.drafts import RUNNING, in_words


@dataclass(frozen=True)
class Clash:
    """Another realignment that is not published yet, and what both move; `is_read`: the reader may open it."""

    draft: Draft
    what: list[str]
    is_read: bool


def clashes_of(draft: Draft) -> list[Clash]:
    """The other realignments in the making that move the same accounts, territories, seats, modules or rules."""
    with widened("draft", "move", "account", "module_member"):
        mine = list(draft.moves.filter(is_removed=False).select_related("territory", "module", "rule"))
        others = Move.objects.filter(is_removed=False, draft__state__in=RUNNING).exclude(draft=draft)
        rows = list(others.filter(_same(mine)).select_related("draft", "territory", "module", "rule"))
        shared: dict[Draft, list[str]] = defaultdict(list)
        taken = _accounts(mine)
        for move in rows:
            shared[move.draft].append(_shared(move, taken))
    ids = [other.pk for other in shared]
    seen = Draft.objects.visible_to(reach()).filter(pk__in=ids).values_list("pk", flat=True) if ids else ()
    read = set(seen)
    return [Clash(other, what, other.pk in read) for other, what in shared.items()]


def waiting_of(draft: Draft) -> list[Waiting]:
    """The requests that wait for approval and assign some of the accounts that a draft moves in the field."""
    moves = draft.moves.filter(is_removed=False, rule=None)
    return waiting_requests(_accounts(list(moves)))


def _same(moves: Sequence[Move]) -> Q:
    """Moves that touch what these touch."""
    found = Q(pk__in=[])
    for move in moves:
        if move.kind == Move.Kind.SEAT:
            found |= Q(kind=move.kind, territory=move.territory_id, seat_kind=move.seat_kind)
        elif move.kind == Move.Kind.NODE:
            found |= Q(kind=move.kind, territory=move.territory_id)
        elif move.kind == Move.Kind.RULE:
            found |= Q(kind=move.kind, rule=move.rule_id)
    taken = sorted(_accounts(moves))
    modules = ModuleMember.objects.current().filter(account__in=taken).values_list("module_id", flat=True)
    return found | Q(account_ids__overlap=taken) | Q(kind=Move.Kind.MODULE, module__in=set(modules))


def _accounts(moves: Sequence[Move]) -> set[int]:
    """All accounts that the moves take along, those of modules among them."""
    modules = [move.module_id for move in moves if move.module_id]
    members = ModuleMember.objects.current().filter(module__in=modules).values_list("account_id", flat=True)
    return {pk for move in moves for pk in move.account_ids}.union(members)


def _shared(move: Move, taken: Collection[int]) -> str:
    if move.kind != Move.Kind.ACCOUNTS:
        return in_words(move)
    both = len(set(taken).intersection(move.account_ids))
    return ngettext("%(count)s account", "%(count)s accounts", both) % {"count": format_number(both)}
