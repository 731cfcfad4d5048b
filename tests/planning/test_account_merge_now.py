"""Order intake of a merged account, as organised now: where the one is that stayed."""

from datetime import date
from typing import Any

import pytest

from accounts.services import assign_accounts
from common.errors import Conflict
from orders.models import Credit
from orders.selectors.organised import ACCOUNTS_PLACE
from territories.models import Territory
from tests.cast import Cast
from tests.planning.test_account_merge import TODAY, account, book_order, merge, undo


def test_what_was_ordered_counts_where_the_survivor_is_and_comes_back(cast: Cast, acting: Any) -> None:
    """As organised now: also where the survivor was merged on, and moves later."""

    def places() -> list[str]:
        rows = Credit.objects.intake().annotate(place=ACCOUNTS_PLACE).values_list("place", flat=True)
        return [Territory.objects.get(pk=pk).name for pk in rows]

    with acting(cast.admin):
        book_order(cast, cast.other_rep, "Cedar", date(2026, 5, 4))
        assert places() == ["West 1"]
        first = merge(cast, "Beech", "Cedar")
        assert places() == ["East 2"]
        second = merge(cast, "Acorn", "Beech")
        assert second.moved["merged"] == [cast.accounts["Cedar"].pk]
        assert account(cast, "Cedar").merged_into_id == cast.accounts["Acorn"].pk
        assert places() == ["East 1"]
        ids, west = [cast.accounts["Acorn"].pk], cast.territories["West"].pk
        assign_accounts(by=cast.admin.pk, account_ids=ids, territory_id=west, starts_on=TODAY)
        assert places() == ["West"]
        with pytest.raises(Conflict, match="merged itself since"):
            undo(cast, first)
        undo(cast, second)
        assert account(cast, "Cedar").merged_into_id == cast.accounts["Beech"].pk
        assert places() == ["East 2"]
        undo(cast, first)
        assert places() == ["West 1"]
