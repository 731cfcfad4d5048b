"""A person's page: for themself, who leads them, and administrators."""

from datetime import date
from typing import Any

from django.urls import reverse

from common.access import known, table
from common.permissions import COMPANY, MORE, OBJECTS, RELATIONS, in_words
from territories.models import Seat, User
from territories.services import end_seat, grant_role
from tests.cast import Cast


def url(person: Any) -> str:
    return reverse("person_detail", args=[person.pk])


def test_roles_seats_and_what_they_may_see(cast: Cast, browse: Any) -> None:
    text = browse(cast.admin).get(url(cast.manager)).content.decode()
    assert "East Team" in text
    assert "manager" in text
    assert "See: in and below territories that they lead, where credit or a team names them" in text
    assert "Leads: East 1, East 2, East Team." in " ".join(text.split())


def test_every_relation_of_the_access_table_has_its_words() -> None:
    actions = [roles for rule in table().values() for roles in rule.actions.values()]
    used = {relation for roles in actions for relations in roles.values() for relation in relations}
    assert used == set(RELATIONS)
    for name in OBJECTS:
        for roles in table()[name].actions.values():
            for relations in roles.values():
                words = in_words(relations).split(", ")
                assert "" not in words
                assert len(words) == (1 if "org" in relations else len(relations))


def test_what_is_named_on_the_page_is_in_the_access_table() -> None:
    for name, action in [*MORE, *COMPANY, *((name, "read") for name in OBJECTS)]:
        assert known(name, action) == (name, action)


IMPLIED = {
    "role_grant",
    "edge",
    "seat",
    "naming",
    "succession",
    "vacancy",
    "family",
    "organisation",
    "coverage_model",
}
"""What is kept together with people, territories, the catalogue or the settings."""
OF_PAGES = {"read", "list", "mine", "inspect"}


def test_whatever_the_access_table_lets_somebody_do_is_named_on_the_page() -> None:
    acts = {(name, action) for name, rule in table().items() for action in rule.actions.keys() - OF_PAGES}
    said = {*MORE, *COMPANY, *((name, action) for name in OBJECTS for action in ("create", "update"))}
    assert {(name, action) for name, action in acts - said if name not in IMPLIED} == {
        *((name, "import") for name in ("lead", "opportunity", "order", "quota", "submission")),
        *((name, "give") for name in ("lead", "opportunity", "order")),
        ("stand_in", "update"),  # everybody for themselves
        ("saved_view", "update"),  # likewise
        *(("webhook", action) for action in ("create", "update", "configure")),  # likewise
        *(("own_field", sight) for sight in ("personal", "restricted")),  # by role, of what they read anyway
        ("draft", "update"),  # as for making one
    }


def test_what_colleagues_may_see_is_said(cast: Cast, browse: Any) -> None:
    text = browse(cast.admin).get(url(cast.rep)).content.decode()
    words = "of colleagues in territories where they sit (while the setting allows it)"
    assert f"Opportunities<small>See: their own, {words}, where credit or a team names them</small>" in text


def test_who_sees_all_is_told_so(cast: Cast, browse: Any) -> None:
    assert "See: all of the organisation" in browse(cast.admin).get(url(cast.executive)).content.decode()


def test_only_those_above_see_it(cast: Cast, browse: Any) -> None:
    status = {
        person.name: browse(person).get(url(cast.rep)).status_code
        for person in (cast.rep, cast.manager, cast.director, cast.admin, cast.executive)
    }
    assert set(status.values()) == {200}
    for person in (cast.peer, cast.other_manager, cast.other_director, cast.coordinator):
        assert browse(person).get(url(cast.rep)).status_code == 403


def test_only_administrators_see_the_acts(cast: Cast, browse: Any) -> None:
    grant = reverse("role_grant", args=[cast.rep.pk])
    assert grant in browse(cast.admin).get(url(cast.rep)).content.decode()
    assert grant not in browse(cast.manager).get(url(cast.rep)).content.decode()


def test_a_person_who_is_not_there_is_not_found(cast: Cast, browse: Any) -> None:
    assert browse(cast.admin).get(reverse("person_detail", args=[999_999])).status_code == 404


def test_what_they_decide_and_keep_is_said(cast: Cast, browse: Any) -> None:
    text = browse(cast.admin).get(url(cast.director)).content.decode()
    assert "And cancel or correct: in and below territories that they lead" in text
    text = browse(cast.admin).get(url(cast.admin)).content.decode()
    assert "Change: people and their roles, invitations, territories and seats" in text


def test_history_says_roles_seats_and_that_they_left(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.admin):
        grant_role(by=cast.admin.pk, user_id=cast.rep.pk, role="manager", starts_on=date(2026, 6, 1))
        seat = Seat.objects.get(user=cast.rep)
        end_seat(by=cast.admin.pk, seat_id=seat.pk, stops_on=date(2026, 7, 1), reason="moves on")
        User.objects.filter(pk=cast.rep.pk).update(is_active=False)
    text = browse(cast.admin).get(url(cast.rep)).content.decode()
    assert "Role manager, from Jun 1, 2026 on" in text
    assert "<span>Owner of East 1, ends on Jul 1, 2026: moves on</span>" in text
    assert "<span>Owner of East 1, from Jan 1, 2025 on</span>" in text
    assert "<span>Left</span>" in text
    assert "They have left: they cannot sign in" in text


def test_which_pages_they_open_and_what_they_approve(cast: Cast, browse: Any) -> None:
    def panel(reader: Any, person: Any) -> Any:
        return browse(reader).get(reverse("person_pages_panel", args=[person.pk]))

    text = panel(cast.admin, cast.rep).content.decode()
    assert "My attainment" in text
    assert "People" not in text
    assert "accepting one&#x27;s own quotas of a fiscal year. Nobody answers what they asked" in text
    assert "Approves what is asked of" not in text
    text = panel(cast.admin, cast.admin).content.decode()
    assert "Approves what is asked of the role admin: closing a period" in text
    assert "opening a closed period again" in text
    assert "moving credit with a seat" in text
    assert panel(cast.manager, cast.rep).status_code == 200
    assert panel(cast.peer, cast.rep).status_code == 403
    assert panel(cast.admin, User(pk=999_999)).status_code == 404
