"""People's photos: one's own to change, everybody's to look at."""

import hashlib

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.access import found
from common.http import FORM, form_page, perform, person_id, sent, strict_query
from territories import services
from territories.forms import PhotoForm
from territories.models import Photo

KEPT = "private, max-age=86400"


@require_safe
def person_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """The photo of a person, for everybody who is signed in; their browser may keep it for a day."""
    strict_query(request, "at")
    photo: Photo = found(Photo.objects.filter(user_id=pk, user__photo_at__isnull=False).first())
    picture = HttpResponse(bytes(photo.jpeg), content_type="image/jpeg")
    etag = f'"{hashlib.sha256(photo.jpeg).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag, response=picture) or picture
    response["Cache-Control"], response["ETag"] = KEPT, etag
    return response


@FORM
def photo_edit(request: HttpRequest) -> HttpResponse:
    """Choose one's own photo."""
    form = PhotoForm(sent(request), request.FILES or None)
    perform(form, services.set_photo, by=person_id())
    if form.is_bound and not form.errors:
        messages.success(request, _("Your photo is changed."))
        return redirect("profile_edit")
    return form_page(request, "territories/photo_edit.html", form)


@require_POST
def photo_remove(request: HttpRequest) -> HttpResponse:
    """Take one's own photo back."""
    services.remove_photo(by=person_id())
    messages.success(request, _("Your photo is removed."))
    return redirect("profile_edit")
