"""Views of lists: kept, called otherwise, shared, deleted."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from common.editing import conflict_of
from common.http import FORM, form_page, perform, person_id, sent, strict_query
from common.selectors import today
from common.transaction import reach
from workspace.forms.saved_views import NewViewForm, ViewEditForm, ViewQueryForm, ViewVersionForm
from workspace.models import SavedView
from workspace.selectors.saved_views import address_of, link_to, not_for_all, team_of, view_in
from workspace.services import saved_views as views


@require_http_methods(["GET", "HEAD", "POST"])
def saved_view_create(request: HttpRequest) -> HttpResponse:
    """Keep the page that one looks at, `?page=` with what its address asks for (`query`)."""
    asked = strict_query(request, "page", "query")
    form = NewViewForm(sent(request), initial=asked, team=team_of(person_id(), today()))
    if view := perform(form, views.save_view, by=person_id()):
        messages.success(request, _("%(name)s is saved.") % {"name": view.name})
        return _kept(request, view)
    return form_page(request, "workspace/saved_view_create.html", form)


@FORM
def saved_view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What a view is called and who finds it; also where it is deleted."""
    view = view_in(reach(), today(), pk)
    reach().require("saved_view", "update", view)
    team = team_of(view.owner_id, today())
    form = ViewEditForm(sent(request), initial=_saved(view), team=team)
    if done := perform(form, views.edit_view, by=person_id(), view_id=pk):
        messages.success(request, _("Saved."))
        return _kept(request, done)
    conflict = conflict_of(form, lambda: ViewEditForm(initial=_saved(view), team=team), view)
    link = request.build_absolute_uri(link_to(view))
    context = {"view": view, "link": link, "conflict": conflict}
    return form_page(request, "workspace/saved_view_edit.html", form, **context)


@require_POST
def saved_view_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the view ask for what its page asks for now."""
    view, form = view_in(reach(), today(), pk), ViewQueryForm(request.POST)
    if done := perform(form, views.edit_view, by=person_id(), view_id=pk):
        messages.success(request, _("%(name)s is saved.") % {"name": view.name})
        return _kept(request, done)
    _say_why(request, form)
    return redirect(address_of(reach(), view))


@require_POST
def saved_view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view."""
    return _pressed(request, pk, views.remove_view, _("%(name)s is deleted."))


@require_POST
def saved_view_unshare(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a view out of what is shared."""
    return _pressed(request, pk, views.unshare_view, _("%(name)s is shared with nobody any more."))


def _pressed(request: HttpRequest, pk: int, act: Callable[..., SavedView], said: str) -> HttpResponse:
    view, form = view_in(reach(), today(), pk), ViewVersionForm(request.POST)
    if perform(form, act, by=person_id(), view_id=pk):
        messages.success(request, said % {"name": view.name})
    else:
        _say_why(request, form)
    return redirect(view.page)


def _kept(request: HttpRequest, view: SavedView) -> HttpResponse:
    """Back to the page as the view keeps it; who shares what not everybody sees is told."""
    if labels := not_for_all(reach(), view):
        text = _("Not everybody sees %(fields)s: who does not finds this view without it.")
        messages.info(request, text % {"fields": ", ".join(labels)})
    return redirect(address_of(reach(), view))


def _say_why(request: HttpRequest, form: ViewVersionForm) -> None:
    messages.error(request, next((str(errors[0]) for errors in form.errors.values()), _("Not done.")))


def _saved(view: SavedView) -> dict[str, object]:
    return {name: getattr(view, name) for name in ("name", "shared", "is_usual", "version")}
