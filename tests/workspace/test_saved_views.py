"""Views of lists: kept by their owner, found by those with whom they are shared, opened as far as they still hold."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from common.errors import Conflict, Forbidden, NotInReach, Refused, Stale
from common.selectors import today
from common.transaction import reach
from tests.calls import Api, faults
from tests.cast import Cast
from workspace.models import SavedView
from workspace.selectors.saved_views import views_for
from workspace.services.own import add_own_field
from workspace.services.saved_views import edit_view, remove_view, save_view, unshare_view

DEALS = reverse("opportunity_list")


def saved(cast: Cast, acting: Any, who: str = "rep", **more: Any) -> SavedView:
    person = getattr(cast, who)
    values = {"page": "opportunity_list", "name": "Commit", "query": "category=commit", **more}
    with acting(person):
        return save_view(by=person.pk, **values)


def found_by(cast: Cast, acting: Any, who: str) -> list[str]:
    with acting(getattr(cast, who)):
        return [view.name for view in views_for(reach(), today())]


@pytest.mark.parametrize(
    ("owner", "shared", "readers"),
    [
        ("rep", "nobody", "rep"),
        ("rep", "team", "rep peer manager admin"),
        ("manager", "team", "rep peer manager admin"),
        ("director", "team", "rep peer manager director admin"),
        ("rep", "everybody", "rep peer manager director other_rep other_manager admin coordinator executive"),
    ],
)
def test_each_finds_their_own_and_what_is_shared_with_them(
    cast: Cast, acting: Any, owner: str, shared: str, readers: str
) -> None:
    saved(cast, acting, owner, shared=shared)
    people = "rep peer manager director other_rep other_manager admin coordinator executive".split()
    assert " ".join(who for who in people if found_by(cast, acting, who)) == readers


def test_who_sits_nowhere_has_no_team(cast: Cast, acting: Any) -> None:
    with pytest.raises(Refused) as refused:
        saved(cast, acting, "coordinator", shared="team")
    assert (refused.value.path, refused.value.code) == ("shared", "no_team")


def test_a_name_is_taken_once_by_one_person_on_one_page(cast: Cast, acting: Any) -> None:
    saved(cast, acting)
    with pytest.raises(Refused, match="a view of this name"):
        saved(cast, acting)
    saved(cast, acting, page="lead_list", query="")
    saved(cast, acting, "peer")


def test_one_view_opens_with_the_page(cast: Cast, acting: Any, owner: Any) -> None:
    first = saved(cast, acting, is_usual=True)
    second = saved(cast, acting, name="All", query="state=all", is_usual=True)
    first.refresh_from_db()
    assert (first.is_usual, second.is_usual) == (False, True)
    owner.execute("SELECT count(*) FROM workspace_savedviewevent WHERE pgh_obj_id = %s", [first.pk])
    assert owner.fetchone() == (2,)


def test_only_its_owner_changes_a_view_and_an_administrator_unshares_it(cast: Cast, acting: Any) -> None:
    view = saved(cast, acting, shared="everybody")
    for who in ("peer", "manager", "admin"):
        person = getattr(cast, who)
        with acting(person), pytest.raises(Forbidden):
            edit_view(by=person.pk, view_id=view.pk, version=1, name="Mine")
    with acting(cast.peer), pytest.raises(Forbidden):
        unshare_view(by=cast.peer.pk, view_id=view.pk, version=1)
    with acting(cast.admin):
        assert unshare_view(by=cast.admin.pk, view_id=view.pk, version=1).shared == "nobody"
        with pytest.raises(NotInReach):
            unshare_view(by=cast.admin.pk, view_id=view.pk, version=2)
    with acting(cast.rep):
        with pytest.raises(Conflict):
            unshare_view(by=cast.rep.pk, view_id=view.pk, version=2)
        with pytest.raises(Stale):
            remove_view(by=cast.rep.pk, view_id=view.pk, version=1)
        remove_view(by=cast.rep.pk, view_id=view.pk, version=2)
    assert found_by(cast, acting, "rep") == []
    saved(cast, acting)


def test_a_page_keeps_at_most_fifty(cast: Cast, acting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workspace.services.saved_views.MOST_VIEWS", 1)
    saved(cast, acting)
    with pytest.raises(Refused) as refused:
        saved(cast, acting, name="Another")
    assert refused.value.code == "too_many"


class TestOnAPage:
    """What a reader sees of it on the list."""

    def test_a_link_opens_the_view_for_whom_it_is_shared_with(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        view = saved(cast, acting, shared="team")
        answer = browse(cast.peer).get(f"{DEALS}?view={view.pk}", follow=True)
        assert answer.redirect_chain == [(f"{DEALS}?category=commit&view={view.pk}", 302)]
        assert [deal.name for deal in answer.context["page"].rows] == ["Beech renewal"]
        export = re.findall(r'href="([^"]*/export/[^"]*)"', answer.content.decode())
        assert [unescape(url).partition("?")[2].partition("&")[0] for url in export] == ["category=commit"]
        assert "view=" not in export[0]
        assert browse(cast.other_rep).get(f"{DEALS}?view={view.pk}").status_code == 404
        assert browse(cast.other_rep).get(f"{DEALS}?category=commit&view={view.pk}").status_code == 200

    def test_the_page_opens_with_the_usual_view_and_without_it_when_asked(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        view = saved(cast, acting, is_usual=True)
        client = browse(cast.rep)
        assert client.get(DEALS)["Location"] == f"{DEALS}?category=commit&view={view.pk}"
        plain = client.get(f"{DEALS}?view=0")
        assert (plain.status_code, plain.context["is_filtered"]) == (200, False)
        shown = client.get(f"{DEALS}?category=commit&view={view.pk}").content.decode()
        assert f'<a class="chip" href="{DEALS}?view=0">' in shown

    def test_it_says_what_changed_and_keeps_it_by_one_press(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        view, client = saved(cast, acting), browse(cast.rep)
        same = client.get(f"{DEALS}?view={view.pk}&category=commit&q=")
        assert 'aria-label="Views: Commit"' in same.content.decode()
        assert "Save changes" not in same.content.decode()
        other = client.get(f"{DEALS}?category=commit&view={view.pk}&sort=name")
        assert "Save changes" in other.content.decode()
        query = other.wsgi_request.saved_views.query  # type: ignore[attr-defined]
        kept = client.post(reverse("saved_view_keep", args=[view.pk]), {"version": 1, "query": query})
        assert kept["Location"] == f"{DEALS}?category=commit&sort=name&view={view.pk}"
        again = client.post(reverse("saved_view_keep", args=[view.pk]), {"version": 1, "query": ""})
        assert "Somebody else changed this" in client.get(again["Location"]).content.decode()

    def test_what_the_page_no_longer_takes_is_left_out_and_named(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        query = "category=commit&period=2020-Q1&wrong=1"
        view = saved(cast, acting, name="Old", query=query, page="opportunity_board")
        board = reverse("opportunity_board")
        answer = browse(cast.rep).get(f"{board}?view={view.pk}", follow=True)
        assert answer.status_code == 200
        assert answer.redirect_chain[-1][0] == f"{board}?category=commit&view={view.pk}"
        text = unescape(answer.content.decode())
        assert "period was left out of the view Old: There is no period 2020-Q1." in text
        assert "wrong was left out of the view Old" in text
        assert browse(cast.rep).get(f"{board}?wrong=1").status_code == 400

    def test_a_view_of_which_nothing_is_left_opens_the_plain_page(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        view = saved(cast, acting, query="wrong=1", is_usual=True)
        answer = browse(cast.rep).get(DEALS, follow=True)
        assert answer.redirect_chain[-1][0] == f"{DEALS}?view=0"
        assert f"wrong was left out of the view {view.name}" in answer.content.decode()

    @pytest.mark.parametrize("is_usual", [False, True])
    def test_a_view_that_asks_for_nothing_opens_the_plain_page(
        self, cast: Cast, acting: Any, browse: Any, is_usual: bool
    ) -> None:
        view = saved(cast, acting, query="", is_usual=is_usual)
        answer = browse(cast.rep).get(DEALS if is_usual else f"{DEALS}?view={view.pk}", follow=True)
        assert answer.status_code == 200
        assert [url for url, _status in answer.redirect_chain] == ([f"{DEALS}?view={view.pk}"] * is_usual)
        assert 'aria-label="Views: Commit"' in answer.content.decode()

    def test_of_many_that_others_share_some_are_shown_and_each_opens(
        self, cast: Cast, acting: Any, browse: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("workspace.selectors.saved_views.MOST_SHOWN", 2)
        mine = saved(cast, acting, name="Z")
        theirs = [saved(cast, acting, "peer", name=name, shared="everybody") for name in "ABC"]
        client = browse(cast.rep)
        menu = client.get(DEALS).wsgi_request.saved_views  # type: ignore[attr-defined]
        assert (menu.own, menu.others, menu.has_more) == ([mine], theirs[:2], True)
        last = client.get(f"{DEALS}?category=commit&view={theirs[2].pk}")
        menu = last.wsgi_request.saved_views  # type: ignore[attr-defined]
        assert (menu.current, menu.own, menu.others) == (theirs[2], [mine], [theirs[2], theirs[0]])
        assert "There are more; their links open them." in last.content.decode()
        assert client.get(f"{DEALS}?view={'9' * 30}").status_code == 404

    def test_what_a_reader_does_not_see_is_left_out_without_a_word(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        with acting(cast.admin):
            known = {"by": cast.admin.pk, "subject": "opportunity", "sight": "restricted"}
            add_own_field(**known, label="Gossip", kind="text")
            add_own_field(**known, label="Bonus", kind="number")
        query = "category=commit&columns=stage,own.gossip&own.bonus.from=5&own.gossip=brink"
        typed = {"page": "opportunity_list", "query": query, "name": "Told", "shared": "everybody"}
        client, reader = browse(cast.manager), browse(cast.rep)
        said = unescape(client.post(reverse("saved_view_create"), typed, follow=True).content.decode())
        assert "Not everybody sees Gossip, Bonus: who does not finds this view without it." in said
        (view,) = found(cast)
        assert view["query"] == "category=commit&columns=stage"
        assert "own.bonus.from=5" in Api(cast.manager).get(f"saved-views/{view['id']}/").json()["query"]
        seen = f"{DEALS}?category=commit&columns=stage&view={view['id']}"
        for address in (f"{DEALS}?view={view['id']}", f"{DEALS}?{query}&view={view['id']}"):
            answer = reader.get(address, follow=True)
            assert (answer.status_code, answer.redirect_chain[-1][0]) == (
                200,
                seen.replace("stage,", "stage"),
            )
            page = answer.content.decode().casefold()
            assert [word for word in ("own.", "gossip", "bonus", "left out") if word in page] == []
            assert "save changes" not in page

    def test_it_is_saved_from_the_page_in_a_dialog(self, cast: Cast, browse: Any) -> None:
        client = browse(cast.rep)
        page = unescape(client.get(f"{DEALS}?category=commit&sort=name").content.decode())
        address = (
            f"{reverse('saved_view_create')}?page=opportunity_list&query=category%3Dcommit%26sort%3Dname"
        )
        assert address in page
        typed = {"page": "opportunity_list", "query": "category=commit&sort=name", "shared": "team"}
        refused = client.post(address, {**typed, "name": ""})
        assert (refused.status_code, refused.context["form"]["shared"].value()) == (422, "team")
        made = client.post(address, {**typed, "name": "Commit by name"})
        (view,) = found(cast)
        assert made["Location"] == f"{DEALS}?category=commit&sort=name&view={view['id']}"
        assert (view["shared"], view["team_id"]) == ("team", cast.territories["East Team"].pk)

    def test_it_is_renamed_shared_and_deleted(self, cast: Cast, acting: Any, browse: Any) -> None:
        view, client = saved(cast, acting), browse(cast.rep)
        edit = reverse("saved_view_edit", args=[view.pk])
        assert f"?view={view.pk}" in client.get(edit).content.decode()
        client.post(edit, {"name": "All", "shared": "everybody", "is_usual": "on", "version": 1})
        assert [(row["name"], row["shared"], row["is_usual"]) for row in found(cast)] == [
            ("All", "everybody", True)
        ]
        assert browse(cast.peer).get(edit).status_code == 403
        assert client.post(edit, {"name": "B", "shared": "nobody", "version": 1}).status_code == 412
        client.post(reverse("saved_view_remove", args=[view.pk]), {"version": 2})
        assert found(cast) == []

    def test_an_administrator_stops_the_sharing_where_they_find_it(
        self, cast: Cast, acting: Any, browse: Any
    ) -> None:
        view, client = saved(cast, acting, shared="team"), browse(cast.admin)
        page = client.get(f"{DEALS}?view={view.pk}", follow=True).content.decode()
        assert "Share it with nobody any more" in page
        client.post(reverse("saved_view_unshare", args=[view.pk]), {"version": 1})
        assert found(cast)[0]["shared"] == "nobody"

    @pytest.mark.parametrize("page", ["opportunity_board", "lead_list", "account_list", "order_list"])
    def test_every_list_has_its_menu(self, cast: Cast, acting: Any, browse: Any, page: str) -> None:
        view = saved(cast, acting, page=page, query="q=acorn")
        answer = browse(cast.rep).get(reverse(page), {"view": view.pk}, follow=True)
        assert answer.status_code == 200
        assert 'aria-label="Views: Commit"' in answer.content.decode()


def found(cast: Cast) -> list[dict[str, Any]]:
    with connection.cursor():
        rows: list[dict[str, Any]] = Api(cast.rep).get("saved-views/").json()["results"]
    return rows


def test_programs_keep_views_too(cast: Cast) -> None:
    api, body = Api(cast.rep), {"page": "lead_list", "name": "New", "query": "?untouched=1"}
    made = api.post("saved-views/", {**body, "shared": "team"}).json()
    assert (made["query"], made["owner_id"], made["is_usual"]) == ("untouched=1", cast.rep.pk, False)
    path = f"saved-views/{made['id']}/"
    assert api.patch(path, {"name": "Newer"}, If_Match="1").json()["name"] == "Newer"
    assert faults(api.patch(path, {"name": "B"}, If_Match="1")) == [("stale", "")]
    assert faults(api.patch(path, {"page": "order_list"}, If_Match="2")) == [("unknown_field", "page")]
    assert Api(cast.peer).get(path).json()["name"] == "Newer"
    assert Api(cast.other_rep).get(path).status_code == 404
    assert Api(cast.admin).post(f"{path}unshare/", {}, If_Match="2").json()["shared"] == "nobody"
    assert Api(cast.peer).get(path).status_code == 404
    assert api.post(f"{path}remove/", {}, If_Match="3").status_code == 200
    assert api.get(path).status_code == 404
