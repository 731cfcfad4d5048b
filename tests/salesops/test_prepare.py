"""`manage.py prepare`, what every start runs first: a new link for one that ended, no demo company in production."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.access import Reach
from common.selectors import organisation
from common.transaction import work
from territories.models import User
from workspace.models import SetupLink


def everything() -> Any:
    return work(by=None, why="a test", reach=Reach.everything())


def link(**options: Any) -> str:
    """The address that a start prints."""
    out = StringIO()
    call_command("prepare", no_static=True, stdout=out, skip_checks=True, **options)
    [secret] = re.findall(r"http\S+/setup/first/(\S+)/", out.getvalue())
    return reverse("first_admin_open", args=[secret])


def test_where_the_link_has_expired_another_start_prints_one_that_works(empty_as_owner: str) -> None:
    first = link(empty=True)
    with everything():
        SetupLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(first).status_code == 410
    second = link(empty=True)
    assert second != first
    assert Client().get(second, follow=True).status_code == 200
    assert Client().get(first).status_code == 410


def test_in_production_a_start_says_what_may_be_lost(empty_as_owner: str, settings: Any) -> None:
    settings.IS_PRODUCTION, said = True, StringIO()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    link(stderr=said)
    assert "PostgreSQL may lose orders when it stops." in said.getvalue()
    assert "synchronous_commit" in said.getvalue()


def test_in_production_a_start_makes_no_demo_company_and_prints_the_link(
    empty_as_owner: str, settings: Any
) -> None:
    settings.IS_PRODUCTION = True
    assert link()
    with everything():
        assert organisation() is None
        assert not User.objects.exists()
