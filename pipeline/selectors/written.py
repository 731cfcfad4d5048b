"""The list of deals as rows of a file."""

from collections.abc import Iterator, Sequence
from itertools import chain

from common.columns import columns_asked, relations
from common.selectors import today
from common.written import Cell
from pipeline.models import OpportunityQuerySet
from pipeline.selectors.columns import USUAL, columns
from pipeline.selectors.groups import GROUPINGS, in_groups, name_of
from pipeline.selectors.opportunities import sorted_by

CHUNK = 2_000


def written(
    rows: OpportunityQuerySet, asked: str | None, sort: str, by: str, most: int
) -> Iterator[Sequence[Cell]]:
    """Heads, then every row as the list shows it: its columns, its order, and its group in a column of its own."""
    shown = columns_asked(columns(), USUAL, asked)
    read, order = sorted_by(rows.select_related(*{"account", *relations(shown)}), sort, today())
    read = in_groups(read, by, order) if by else read.order_by(*order)
    heads = [head for column in shown for head in column.heads()]
    yield [str(GROUPINGS[by].label), *heads] if by else heads
    for deal in read[:most].iterator(chunk_size=CHUNK):
        cells = list(chain.from_iterable(column.cells(deal) for column in shown))
        yield [name_of(deal, by), *cells] if by else cells
