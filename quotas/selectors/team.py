"""Team attainment: who is ahead and who is behind, as sold or as organised now."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from common.access import Reach, found
from common.errors import NotInReach
from orders.selectors.credits import CreditFilter
from quotas.selectors.figures import Figures
from quotas.selectors.known import TableKnown, TableNowKnown
from quotas.selectors.organised import TableNow
from quotas.selectors.owned import ByOwner, ByOwnerKnown, ByOwnerNow, ByOwnerNowKnown
from quotas.selectors.question import Question
from quotas.selectors.since import MOST_SHOWN, Since, since
from quotas.selectors.subjects import TeamNowSubject, TeamSubject
from quotas.selectors.table import Row, Table
from territories.models import Territory

__all__ = ["Question", "Row", "Team", "node_since", "rows_below", "team_attainment", "team_since"]

TABLES: dict[tuple[bool, bool, bool], type[Table]] = {
    (False, False, True): Table,
    (False, False, False): TableKnown,
    (False, True, True): TableNow,
    (False, True, False): TableNowKnown,
    (True, False, True): ByOwner,
    (True, False, False): ByOwnerKnown,
    (True, True, True): ByOwnerNow,
    (True, True, False): ByOwnerNowKnown,
}
"""By territory owner or by split; as organised now or as sold; of what is known now or was known."""


@dataclass(frozen=True)
class Team:
    """The table: its rows from the top down, the top rows, what they come to, and which nodes stand open.

    `credits` make the total; None where several teams make it.
    """

    rows: list[Row]
    tops: list[Row]
    total: Figures
    credits: CreditFilter | None
    opened: frozenset[int]

    @property
    def top_nodes(self) -> list[int]:
        return [row.node_id for row in self.tops if row.node_id]


def team_attainment(mine: Reach, question: Question) -> Team:
    """The nodes that a reader leads (all for who reads everything), opened as asked; queries do not grow with rows."""
    table = _table(mine, question)
    tops = table.sorted([table.node_row(None, node, days) for node, days in table.tops.items()])
    rows = [row for top in tops for row in table.with_below(top)]
    credits = tops[0].credits if len(tops) == 1 else question.credits if table.reads_all else None
    return Team(rows, tops, table.total([row.figures for row in tops]), credits, table.opened)


def team_since(mine: Reach, question: Question, tops: Sequence[int]) -> Since | None:
    """What explains the difference of what these top rows come to and today's, or of a whole company for who reads
    everything; None where it is of what is known now.
    """
    whole = None if "org" in mine.relations("node_cell") else tops
    return _since(mine, question, whole, MOST_SHOWN)


def node_since(mine: Reach, question: Question, node_id: int, most: int = MOST_SHOWN) -> Since | None:
    """The same of one node with all below it that the reader leads. Raises NotInReach."""
    relations = mine.relations("node_cell")
    if "org" not in relations and not (relations and node_id in mine.territories):
        raise NotInReach()
    return _since(mine, question, [found(Territory.objects.filter(pk=node_id).first()).pk], most)


def _since(mine: Reach, question: Question, tops: Sequence[int] | None, most: int) -> Since | None:
    known, subject = question.as_of.known, TeamNowSubject if question.is_now else TeamSubject
    return None if known is None else since(subject(mine, question, known, tops), most)


def rows_below(mine: Reach, question: Question, path: Sequence[int]) -> list[Row]:
    """The rows directly below one node of the table; none where the path leaves what they lead."""
    if "org" not in mine.relations("node_cell") and not mine.territories.issuperset(path):
        return []
    table = _table(mine, replace(question, opened=frozenset(path)))
    row: Row | None = None
    for node in path:
        days = table.days_below(row).get(node)
        if not days:
            return []
        row = table.node_row(row, node, days)
    return [one for one in table.with_below(row) if one.level == len(path)] if row else []


def _table(mine: Reach, question: Question) -> Table:
    return TABLES[question.is_by_owner, question.is_now, question.as_of.is_now](mine, question)
