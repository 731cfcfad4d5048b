"""Acts on the catalogue check what they name, whoever calls them."""

from typing import Any

import pytest

from catalog import services
from common.errors import Forbidden, NotInReach, Refused
from tests.cast import Cast


@pytest.mark.parametrize(
    ("changes", "path"), [({"family_id": 999_999}, "family_id"), ({"currency": "EURO"}, "currency")]
)
def test_a_product_names_a_family_and_a_currency_that_there_are(
    cast: Cast, acting: Any, changes: dict[str, Any], path: str
) -> None:
    values = {"name": "Switch", "code": "SW", "family_id": cast.families["Hardware"].pk, "currency": "USD"}
    with acting(cast.admin):
        with pytest.raises(Refused) as new:
            services.create_product(by=cast.admin.pk, **{**values, **changes})
        with pytest.raises(Refused) as edited:
            services.edit_product(
                by=cast.admin.pk, product_id=cast.products["Server"].pk, version=1, **changes
            )
    assert (new.value.path, edited.value.path) == (path, path)


def test_no_unknown_field_is_written(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        with pytest.raises(Refused, match="no field colour"):
            services.edit_product(
                by=cast.admin.pk, product_id=cast.products["Server"].pk, version=1, colour="red"
            )
        with pytest.raises(Refused, match="no field colour"):
            services.edit_family(
                by=cast.admin.pk, family_id=cast.families["Hardware"].pk, version=1, colour="red"
            )
        with pytest.raises(NotInReach):
            services.edit_product(by=cast.admin.pk, product_id=999_999, version=1, name="x")


def test_only_administrators_change_it(cast: Cast, acting: Any) -> None:
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            services.create_family(by=person.pk, name="Services", code="SERV")
