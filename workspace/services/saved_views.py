"""Keeping lists as somebody likes to see them, for oneself and for others."""

from typing import Any
from urllib.parse import parse_qsl

from django.utils.translation import gettext as _

from common.checks import check_line
from common.errors import Conflict, Refused, Stale
from common.selectors import today
from common.transaction import act, reach
from workspace.models import SavedView
from workspace.selectors.saved_views import kept_of, team_of, view_in

MOST_NAME, MOST_QUERY, MOST_VIEWS = 80, 2_000, 50
EDITABLE = ("name", "query", "shared", "is_usual")


@act
def save_view(
    *, by: int, page: str, name: str, query: str = "", shared: str = "nobody", is_usual: bool = False
) -> SavedView:
    """Keep what a page's address asks for under a name. Everybody, for themselves; up to 50 of a page.

    Raises Refused for a name that is taken, a page that has no views, and for a team where the actor sits nowhere.
    """
    if page not in SavedView.Page.values:
        raise Refused(_("This page keeps no views."), path="page", code="unknown_page")
    check_line(name, "name", MOST_NAME)
    if SavedView.objects.filter(owner_id=by, page=page, is_removed=False).count() >= MOST_VIEWS:
        message = _("You have %(most)s views of this page already. Delete one that you no longer need.")
        raise Refused(message % {"most": MOST_VIEWS}, code="too_many")
    values = {"name": name.strip(), "query": _query(query), "is_usual": is_usual, **_shared(by, shared)}
    if is_usual:
        _only_one(by, page)
    return SavedView.objects.create(owner_id=by, page=page, **values)


@act
def edit_view(*, by: int, view_id: int, version: int, **changes: Any) -> SavedView:
    """Call a view otherwise, share it otherwise, let it ask for something else, or let the page open with it.

    Its owner; fields of EDITABLE. Raises NotInReach, Forbidden, Stale, Refused.
    """
    view = _own(view_id, version)
    values = {name: changes[name] for name in EDITABLE if name in changes}
    if "name" in values:
        check_line(values["name"], "name", MOST_NAME)
        values["name"] = values["name"].strip()
    if "query" in values:
        values["query"] = _query(values["query"])
    if values.get("shared", view.shared) != view.shared:
        values |= _shared(by, values["shared"])
    if values.get("is_usual") and not view.is_usual:
        _only_one(by, view.page)
    return _changed(view, version, **values)


@act
def unshare_view(*, by: int, view_id: int, version: int) -> SavedView:
    """Take a view out of what is shared; its owner keeps it. Its owner, and administrators.

    Raises NotInReach, Conflict for one that is shared with nobody, Stale.
    """
    view = view_in(reach(), today(), view_id)
    if view.owner_id != by:
        reach().require("saved_view", "unshare", view)
    if view.version != version:
        raise Stale()
    if view.shared == SavedView.Shared.NOBODY:
        raise Conflict(_("This view is shared with nobody."), code="not_shared")
    return _changed(view, version, **_shared(view.owner_id, SavedView.Shared.NOBODY))


@act
def remove_view(*, by: int, view_id: int, version: int) -> SavedView:
    """Delete a view, for everybody who opens it; history keeps it. Its owner. Raises NotInReach, Forbidden, Stale."""
    return _changed(_own(view_id, version), version, is_removed=True, is_usual=False)


def _own(view_id: int, version: int) -> SavedView:
    """A view as the person read it, who may change it."""
    view = view_in(reach(), today(), view_id)
    reach().require("saved_view", "update", view)
    if view.version != version:
        raise Stale()
    return view


def _query(query: str) -> str:
    """What is kept of an address. What it means its page says, each time it is opened."""
    if len(query) > MOST_QUERY:
        message = _("The address of this page is too long to be kept: at most %(most)s characters.")
        raise Refused(message % {"most": MOST_QUERY}, path="query", code="too_long")
    return kept_of(dict(parse_qsl(query.removeprefix("?"))))


def _shared(owner_id: int, shared: str) -> dict[str, Any]:
    """With whom, as columns. Raises Refused for somebody without a team."""
    if shared not in SavedView.Shared.values:
        known = ", ".join(SavedView.Shared.values)
        raise Refused(_("One of: %(known)s.") % {"known": known}, path="shared", code="unknown_shared")
    if shared != SavedView.Shared.TEAM:
        return {"shared": shared, "team": None}
    team = team_of(owner_id, today())
    if team is None:
        message = _("You sit on no territory today, so there is no team to share with. Choose everybody.")
        raise Refused(message, path="shared", code="no_team")
    return {"shared": shared, "team": team}


def _only_one(owner_id: int, page: str) -> None:
    """Another view opens with the page from now on: the one that did no longer does."""
    for view in SavedView.objects.filter(owner_id=owner_id, page=page, is_usual=True, is_removed=False):
        SavedView.objects.change(view.pk, view.version, is_usual=False)


def _changed(view: SavedView, version: int, **values: Any) -> SavedView:
    if any(getattr(view, name) != value for name, value in values.items()):
        SavedView.objects.change(view.pk, version, **values)
        view.refresh_from_db()
    return view
