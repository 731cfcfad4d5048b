"""A person's page: for themself, who leads them, and administrators."""

from typing import Any

from django.urls import reverse

from tests.cast import Cast


def url(person: Any) -> str:
    return reverse("person_detail", args=[person.pk])


def test_roles_seats_and_what_they_may_see(cast: Cast, browse: Any) -> None:
    text = browse(cast.admin).get(url(cast.manager)).content.decode()
    assert "East Team" in text
    assert "manager" in text
    assert "See: in and below territories that they lead, where credit or a team names them" in text
    assert "Leads: East 1, East 2, East Team." in " ".join(text.split())


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
