"""Product families and products brought in by the thousand."""

from collections.abc import Iterable, Sequence

from common.staging import Value, merge


def write_families(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> tuple[int, set[int]]:
    """Rows of those columns, `id` first; returns how many are new, and which changed."""
    return merge("catalog_family", columns, rows)


def write_products(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> tuple[int, set[int]]:
    """Rows of those columns, `id` first; a new product is sold. Returns how many are new, and which changed."""
    return merge("catalog_product", [*columns, "is_sold"], ([*row, True] for row in rows), once=["is_sold"])
