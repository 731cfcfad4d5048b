"""Which price a deal takes, and what of a bundle's price falls to each part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules import Source, family_and_below, first_price, spread


@pytest.mark.parametrize(
    ("total", "parts", "shares"),
    [
        (9999, [(1, 4000), (1, 6000), (1, 2000)], [3333, 5000, 1666]),
        (9999, [(1, 4000), (1, None), (1, 2000)], [6666, 0, 3333]),
        (10000, [(1, None), (2, None)], [3333, 6667]),
        (10000, [(1, 0), (2, 0)], [3333, 6667]),
        (10000, [(3, 1000), (1, 1000)], [7500, 2500]),
        (0, [(1, 4000), (1, 6000)], [0, 0]),
        (1, [(1, 5000), (1, 5000)], [1, 0]),
    ],
)
def test_a_bundles_price_is_spread_by_list_prices(
    total: int, parts: list[tuple[int, int | None]], shares: list[int]
) -> None:
    assert spread(total, parts) == shares


@given(
    total=st.integers(0, 10**12),
    parts=st.lists(
        st.tuples(st.integers(1, 1000), st.none() | st.integers(0, 10**9)), min_size=1, max_size=30
    ),
)
def test_no_cent_is_lost(total: int, parts: list[tuple[int, int | None]]) -> None:
    shares = spread(total, parts)
    assert sum(shares) == total
    assert min(shares) >= 0


@pytest.mark.parametrize(
    ("prices", "taken"),
    [
        ((1800, 1900, 1999), (1800, Source.BOOK)),
        ((None, 1900, 1999), (1900, Source.USUAL)),
        ((None, None, 1999), (1999, Source.LIST)),
        ((0, 1900, 1999), (0, Source.BOOK)),
        ((None, None, None), None),
    ],
)
def test_the_nearest_price_is_taken(
    prices: tuple[int | None, int | None, int | None], taken: tuple[int, Source] | None
) -> None:
    assert first_price(*prices) == taken


def test_a_family_stands_for_all_below_it() -> None:
    parents = {1: None, 2: 1, 3: 2, 4: None}
    assert [family_and_below(family, parents) for family in (1, 2, 4)] == [{1, 2, 3}, {2, 3}, {4}]
