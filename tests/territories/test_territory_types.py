"""Nothing lies below a type that comes after its own, on no day and by no act; a company is a root."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.errors import Conflict, Refused
from territories import services
from territories.models import Edge, Seat, Territory
from territories.selectors import leaves_tree_on, standing_of, tree_on
from tests.cast import Cast
from tests.closing import close_period
from tests.planning.acts import JULY, JUNE, add, edges

YEAR = date(2026, 1, 1)


def kind_of(name: str) -> str:
    return str(Territory.objects.get(name=name).kind)


def move(cast: Cast, name: str, below: str | None, on: date = JUNE, **more: Any) -> Edge:
    parent_id = cast.territories[below].pk if below else None
    return services.move_territory(
        by=cast.admin.pk, territory_id=cast.territories[name].pk, parent_id=parent_id, on=on, **more
    )


def edit(cast: Cast, place: str, **changes: Any) -> None:
    node = Territory.objects.get(pk=cast.territories[place].pk)
    services.edit_territory(by=cast.admin.pk, territory_id=node.pk, version=node.version, **changes)


def branch(cast: Cast) -> None:
    """Group (company) > North (region) > Hills (area) > Valley (territory) > Cloud (overlay)."""
    above: str | None = None
    for name, kind in zip(
        ("Group", "North", "Hills", "Valley", "Cloud"),
        ("company", "region", "area", "territory", "overlay"),
        strict=True,
    ):
        add(cast, name, above, kind=kind)
        above = name


def refused(act: Any, *args: Any, **more: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        act(*args, **more)
    return refusal.value


class TestAdding:
    def test_the_next_type_is_proposed_where_none_is_named(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            branch(cast)
            kinds = {}
            for above in ("Group", "North", "Hills", "Valley", "Cloud"):
                kinds[above] = add(cast, f"{above} new", above).kind
            kinds[""] = add(cast, "Root", None).kind
        assert kinds == {
            "Group": "region",
            "North": "area",
            "Hills": "territory",
            "Valley": "territory",
            "Cloud": "overlay",
            "": "company",
        }

    def test_a_type_that_comes_before_is_refused_with_what_is_right(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            branch(cast)
            wrong = refused(add, cast, "Bay", "Valley", kind="area")
            assert (wrong.path, wrong.code) == ("kind", "kind_order")
            assert str(wrong.message) == (
                "Bay, of type area, can't lie below Valley, of type territory. "
                "It may lie below: company, region, area."
            )
            assert "It may lie below: —." in str(refused(add, cast, "Bay", "North", kind="company").message)
            known = "A type is one of: company, region, area, territory, overlay."
            assert str(refused(add, cast, "Bay", "North", kind="city").message) == known
            assert not Territory.objects.filter(name="Bay").exists()

    def test_name_and_code_are_not_empty_and_the_reason_is_kept(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            for name, code, path in ((" ", "X", "name"), ("X", " ", "code")):
                given = {"name": name, "code": code, "parent_id": None, "starts_on": JUNE}
                assert refused(services.create_territory, by=cast.admin.pk, **given).path == path
            given = {
                "name": " Bay ",
                "code": " BAY ",
                "parent_id": None,
                "starts_on": JUNE,
                "reason": " new ",
            }
            made = services.create_territory(by=cast.admin.pk, **given)
            assert (made.name, made.code, Edge.objects.get(child=made).reason) == ("Bay", "BAY", "new")


class TestMoving:
    def test_below_a_type_that_comes_after_is_refused(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            branch(cast)
            wrong = refused(move, cast, "Hills", "East 1")
            assert (wrong.path, wrong.code) == ("parent_id", "kind_order")
            wrong = refused(move, cast, "East 1", "Cloud")
            assert str(wrong.message).startswith(
                "East 1, of type territory, can't lie below Cloud, of type overlay."
            )
            assert refused(move, cast, "Group", "East 1").code == "kind_order"
            assert move(cast, "Hills", "Group").parent == cast.territories["Group"]
            assert move(cast, "Cloud", "Group").parent == cast.territories["Group"]
            assert move(cast, "Valley", None).parent is None

    def test_the_reason_is_kept_and_a_day_below_itself_later_is_refused(
        self, cast: Cast, acting: Any
    ) -> None:
        """From July on West lies below East Team: so East Team can't lie below West from June on."""
        with acting(cast.admin):
            assert move(cast, "West", "East Team", JULY, reason=" by and by ").reason == "by and by"
            wrong = refused(move, cast, "East Team", "West 1")
            assert (wrong.path, wrong.code) == ("parent_id", "tree_cycle")
            assert str(wrong.message) == "A territory can't lie below itself."
            assert refused(move, cast, "East", "East").code == "tree_cycle"

    def test_unassigned_stays(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            assert str(refused(move, cast, "Unassigned", "East").message) == "Unassigned stays where it is."


class TestEditing:
    def test_a_type_fits_on_every_day_or_is_refused(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            branch(cast)
            add(cast, "South", "Group", kind="region")
            move(cast, "Hills", "South", JULY)
            edit(cast, "Hills", kind="region")
            assert kind_of("Hills") == "region"
            wrong = refused(edit, cast, "South", kind="area")  # from July on Hills lies below it
            assert str(wrong.message).startswith(
                "Hills, of type region, can't lie below South, of type area."
            )
            assert refused(edit, cast, "North", kind="company").code == "kind_order"
            edit(cast, "South", name="Souths", kind="region")
            assert kind_of("Souths") == "region"

    def test_a_root_of_another_type_may_become_a_company(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            edit(cast, "Company", kind="company", code=" CO ")
            node = Territory.objects.get(name="Company")
            assert (node.kind, node.code, node.version) == ("company", "CO", 2)

    @pytest.mark.parametrize(
        ("name", "kind", "said"),
        [
            ("Unassigned", "area", "Unassigned stays what it is."),
            ("Valley", "overlay", "An overlay takes other accounts than the rest"),
            ("Cloud", "territory", "An overlay takes other accounts than the rest"),
            ("Valley", "city", "A type is one of: company, region, area, territory, overlay."),
        ],
    )
    def test_what_stays_what_it_is(self, cast: Cast, acting: Any, name: str, kind: str, said: str) -> None:
        with acting(cast.admin):
            branch(cast)
            wrong = refused(edit, cast, name, kind=kind)
            assert wrong.path == "kind"
            assert str(wrong.message).startswith(said)

    def test_an_empty_name_is_refused(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            assert refused(edit, cast, "East 1", name=" ").path == "name"


class TestEnding:
    def test_what_has_something_below_it_stays(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            for on in (JUNE, JULY):
                given = {"by": cast.admin.pk, "territory_id": cast.territories["East"].pk, "on": on}
                assert refused(services.end_place, **given).code == "has_children"

    def test_who_still_sits_on_one_that_is_gone_is_in_no_tree(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            services.end_place(by=cast.admin.pk, territory_id=cast.territories["East 1"].pk, on=JUNE)
            assert Seat.objects.on(JUNE).filter(territory=cast.territories["East 1"]).exists()
            assert cast.rep not in [seat.user for node in tree_on(JUNE) for seat in node.seats]

    def test_the_days_without_it_are_found(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            node = add(cast, "New", "East", JUNE)
            services.end_place(by=cast.admin.pk, territory_id=node.pk, on=JULY)
            move(cast, "New", "East", date(2026, 8, 1))
            assert edges("New") == [("East", JUNE, JULY), ("East", date(2026, 8, 1), None)]
            assert leaves_tree_on(node.pk, date(2026, 5, 31)) == date(2026, 5, 31)
            assert leaves_tree_on(node.pk, JUNE) == JULY
            assert leaves_tree_on(node.pk, JUNE, JULY) is None
            assert leaves_tree_on(node.pk, date(2026, 7, 15)) == date(2026, 7, 15)
            assert leaves_tree_on(node.pk, date(2026, 8, 1)) is None
            rows = list(Edge.objects.current().filter(child=node).order_by("starts_on"))
            found = [standing_of(rows, day).day for day in (YEAR, JUNE, date(2026, 7, 15), date(2026, 8, 1))]
            assert found == [JUNE, None, date(2026, 8, 1), None]

    def test_vacating_asks_for_an_open_period(self, cast: Cast, acting: Any) -> None:
        with acting(cast.admin):
            close_period(cast.q1.pk)
            with pytest.raises(Conflict):
                services.vacate(by=cast.admin.pk, territory_id=cast.territories["East 1"].pk, on=YEAR)


class TestPages:
    def test_the_form_proposes_a_type(self, cast: Cast, browse: Any, acting: Any) -> None:
        with acting(cast.admin):
            branch(cast)
        client, url = browse(cast.admin), reverse("territory_create")
        text = client.get(f"{url}?parent={cast.territories['North'].pk}").content.decode()
        assert '<option value="area" selected>area</option>' in text
        parent = str(cast.territories["North"].pk)
        data = {"name": "Bay", "code": "BAY", "parent_id": parent, "kind": "", "starts_on": "2026-06-01"}
        assert "Bay, of type area, is in the tree." in client.post(url, data, follow=True).content.decode()
        wrong = client.post(url, {**data, "code": "B", "kind": "company"})
        assert wrong.status_code == 422
        assert "can&#x27;t lie below North" in wrong.content.decode()

    def test_a_type_is_corrected_on_its_page(self, cast: Cast, browse: Any, acting: Any) -> None:
        url = reverse("territory_edit", args=[cast.territories["Company"].pk])
        data = {"name": "Company", "code": "COMPANY", "kind": "company", "version": "1"}
        text = browse(cast.admin).post(url, data, follow=True).content.decode()
        assert "Type: <del>territory</del> → <ins>company</ins>" in text

    def test_a_move_is_filled_by_its_address_and_goes_back(self, cast: Cast, browse: Any) -> None:
        url = reverse("territory_move", args=[cast.territories["East 1"].pk])
        west = cast.territories["West"].pk
        client = browse(cast.admin)
        form = client.get(f"{url}?parent={west}&on=2026-06-05&back=/people/").context["form"]
        assert (form.initial["parent_id"], form.initial["on"]) == (west, date(2026, 6, 5))
        early = client.get(f"{url}?on=2026-05-01").context["form"].initial
        assert (early["parent_id"], early["on"]) == (cast.territories["East Team"].pk, date(2026, 5, 1))
        assert client.get(url).context["form"].initial["on"] == date(2026, 5, 21)
        data = {"parent_id": west, "on": "2026-06-05", "reason": "new region"}
        assert client.post(f"{url}?back=/people/", data)["Location"] == "/people/"
