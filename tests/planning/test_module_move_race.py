"""An account comes into a module at the very moment at which the module moves: it goes along."""

from datetime import date
from typing import Any

from accounts.models import Account
from accounts.services.modules import add_to_module
from planning.services import move_module_or_ask
from tests.cast import Cast
from tests.planning.test_territory_retire_race import at_once, waits

TODAY = date(2026, 5, 20)


def test_who_comes_into_a_module_while_it_moves_goes_along(cast: Cast, acting: Any, owner: Any) -> None:
    by, acorn, beech = cast.admin.pk, cast.accounts["Acorn"].pk, cast.accounts["Beech"].pk
    with acting(cast.admin):
        module = add_to_module(by=by, account_ids=[acorn], starts_on=TODAY, name="Trees").module
    west = {"territory_id": cast.territories["West 1"].pk, "starts_on": TODAY, "coverage": "field"}

    def move() -> None:
        with acting(cast.admin):
            move_module_or_ask(by=by, module_id=module.pk, reason="one hand", **west)

    with acting(cast.admin):
        add_to_module(by=by, account_ids=[beech], starts_on=TODAY, module_id=module.pk)
        thread, refused = at_once(move)
        waits(owner)
    thread.join(20)
    assert refused == []
    with acting(cast.admin):
        places = Account.objects.filter(pk__in=[acorn, beech]).values_list("name", "territory__name")
        assert dict(places) == {"Acorn": "West 1", "Beech": "West 1"}
