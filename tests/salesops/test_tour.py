"""Five cards for a newcomer, once per role; afterwards from Help."""

from typing import Any

import pytest
from django.urls import reverse

from common.access import Role
from common.transaction import reach
from salesops.selectors.tours import CARDS, FIRST_STEPS, WIDEST, due_tour
from tests.cast import Cast

ROLES = {role.value: role for role in Role}
HOME, SEEN, TOUR = reverse("home"), reverse("tour_seen"), reverse("tour")


def forget(owner: Any) -> None:
    owner.execute("DELETE FROM workspace_tourseen")


def opens(client: Any) -> bool:
    return "data-tour-opens" in client.get(HOME).content.decode()


@pytest.mark.parametrize("key", ROLES)
def test_it_opens_until_it_was_closed_once(cast: Cast, browse: Any, owner: Any, key: str) -> None:
    forget(owner)
    client = browse(getattr(cast, key))
    page = client.get(HOME).content.decode()
    assert page.count("data-tour-card") == 5
    assert 'class="panel spare"' in page
    assert opens(client)
    assert client.post(SEEN, {"role": key}).status_code == 302
    assert client.post(SEEN, {"role": key}).status_code == 302
    assert not opens(client)


def test_another_role_has_its_own(cast: Cast, browse: Any, owner: Any) -> None:
    forget(owner)
    client = browse(cast.rep)
    assert client.post(SEEN, {"role": "admin"}).status_code == 400
    assert opens(client)


@pytest.mark.parametrize("key", ROLES)
def test_every_page_that_it_names_is_the_readers(cast: Cast, browse: Any, key: str) -> None:
    client, role = browse(getattr(cast, key)), ROLES[key]
    links = [link for card in CARDS[role] for link in card.links] + list(FIRST_STEPS[role])
    assert {link.name: client.get(reverse(link.name)).status_code for link in links} == {
        link.name: 200 for link in links
    }


@pytest.mark.parametrize("key", ROLES)
def test_as_a_page_it_shows_all_cards_and_whom_to_ask(cast: Cast, browse: Any, key: str) -> None:
    page = browse(getattr(cast, key)).get(TOUR).content.decode()
    assert page.count('id="card-') == 5
    assert "Ask Ada Admin." in page


def test_the_tour_of_a_role_that_is_not_held_is_refused(cast: Cast, browse: Any) -> None:
    assert browse(cast.rep).get(f"{TOUR}?role=admin").status_code == 400


def test_the_widest_role_is_shown_first(cast: Cast, acting: Any, browse: Any, owner: Any) -> None:
    from territories.services import grant_role

    forget(owner)
    with acting(cast.admin):
        grant_role(by=cast.admin.pk, user_id=cast.rep.pk, role="manager", starts_on=cast.q2.starts_on)
    with acting(cast.rep):
        due = due_tour(reach())
        assert due is not None
        assert due.role == Role.MANAGER
    assert '<a href="?role=rep">rep</a>' in browse(cast.rep).get(TOUR).content.decode()


def test_every_role_has_five_cards() -> None:
    assert set(WIDEST) == set(Role) == set(CARDS) == set(FIRST_STEPS)
    assert {len(cards) for cards in CARDS.values()} == {5}


def test_without_an_administrator_the_words_stay_whole(cast: Cast, browse: Any, owner: Any) -> None:
    owner.execute("SELECT set_config('pghistory.context_id', gen_random_uuid()::text, false)")
    owner.execute("""SELECT set_config('pghistory.context_metadata', '{"by": null, "why": "left"}', false)""")
    owner.execute("UPDATE territories_user SET is_active = false WHERE id = %s", [cast.admin.pk])
    assert "Ask your administrator." in browse(cast.rep).get(TOUR).content.decode()
    assert "Nobody is administrator today." in browse(cast.rep).get(reverse("help_page")).content.decode()
