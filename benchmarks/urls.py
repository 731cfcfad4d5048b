"""The product's addresses and the floor beside them."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from salesops.urls import urlpatterns as product


@login_not_required
def floor(request: HttpRequest) -> HttpResponse:
    """The least that a page with a database can do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return HttpResponse(str(cursor.fetchone()[0]))


urlpatterns = [*product, path("health/floor/", floor, name="floor")]
