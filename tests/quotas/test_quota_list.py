"""What is asked of whom: the standing quotas, whose they are, and the versions before."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quotas.models import Quota
from quotas.services import set_quota
from tests.cast import Cast
from tests.conftest import Acting, Browser

Browse = Callable[[Any], Browser]


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def page_of(client: Browser, query: str = "") -> str:
    answer = client.get(reverse("quota_list") + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def asked(cast: Cast, acting: Acting) -> None:
    """Rita 1,000 and then 1,200; Oscar 800; territory East 1,500 for hardware alone."""
    with acting(cast.admin):
        one = {"by": cast.admin.pk, "period_id": cast.q2.pk}
        set_quota(**one, person_id=cast.rep.pk, amount_minor=1_000_00)
        set_quota(**one, person_id=cast.rep.pk, amount_minor=1_200_00, reason="A patch more")
        set_quota(**one, person_id=cast.other_rep.pk, amount_minor=800_00)
        family, east = cast.families["Hardware"].pk, cast.territories["East"].pk
        set_quota(**one, territory_id=east, family_id=family, amount_minor=1_500_00)


@pytest.mark.usefixtures("asked")
class TestList:
    def test_what_stands_is_listed_with_who_set_it_and_why(self, cast: Cast, browse: Browse) -> None:
        text = plain(page_of(browse(cast.admin)))
        assert "Rita Rep all $1,200.00 assigned" in text
        assert "Ada Admin A patch more" in text
        assert "$1,000.00" not in text
        assert "East territory EAST Hardware $1,500.00" in text

    def test_people_and_territories_apart(self, cast: Cast, browse: Browse) -> None:
        client = browse(cast.admin)
        people, territories = page_of(client, "?of=people"), page_of(client, "?of=territories")
        assert ("$1,200.00" in people, "$1,500.00" in people) == (True, False)
        assert ("$1,200.00" in territories, "$1,500.00" in territories) == (False, True)

    def test_a_director_sees_what_is_asked_below_them(self, cast: Cast, browse: Browse) -> None:
        east, west = page_of(browse(cast.director)), page_of(browse(cast.other_director))
        assert ("Rita Rep" in east, "Oscar Other" in east) == (True, False)
        assert ("Rita Rep" in west, "Oscar Other" in west) == (False, True)

    def test_each_leads_to_its_change_and_its_versions(
        self, cast: Cast, browse: Browse, acting: Acting
    ) -> None:
        client = browse(cast.director)
        with acting(cast.admin):
            quota = Quota.objects.current().get(person=cast.rep)
        page = page_of(client)
        assert f"{reverse('quota_set')}?quota={quota.pk}" in page
        assert reverse("quota_detail", args=[quota.pk]) in page
        text = plain(client.get(reverse("quota_detail", args=[quota.pk])).content.decode())
        assert "Quota of Rita Rep for 2026-Q2" in text
        assert "$1,000.00 → $1,200.00 · A patch more Ada Admin" in text

    def test_a_version_that_was_replaced_says_so(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        with acting(cast.admin):
            old = Quota.objects.get(person=cast.rep, amount_minor=1_000_00)
        text = plain(browse(cast.director).get(reverse("quota_detail", args=[old.pk])).content.decode())
        assert "State replaced" in text

    def test_who_reads_only_gets_no_way_to_change(self, cast: Cast, browse: Browse) -> None:
        page = page_of(browse(cast.executive))
        assert "Rita Rep" in page
        assert reverse("quota_set") not in page
        assert reverse("quota_import") not in page

    def test_importing_is_for_administrators(self, cast: Cast, browse: Browse) -> None:
        assert reverse("quota_import") in page_of(browse(cast.admin))
        assert reverse("quota_import") not in page_of(browse(cast.director))

    def test_another_regions_quota_is_not_there(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        with acting(cast.admin):
            quota = Quota.objects.current().get(person=cast.rep)
        client = browse(cast.other_director)
        assert client.get(reverse("quota_detail", args=[quota.pk])).status_code == 404
        assert client.get(f"{reverse('quota_set')}?quota={quota.pk}").status_code == 404

    def test_queries_do_not_grow_with_rows(self, cast: Cast, browse: Browse, acting: Acting) -> None:
        client = browse(cast.admin)
        page_of(client)
        few = queries(client)
        with acting(cast.admin):
            for person in (cast.peer, cast.manager, cast.director, cast.other_manager):
                set_quota(by=cast.admin.pk, period_id=cast.q2.pk, person_id=person.pk, amount_minor=1)
        assert queries(client) == few


def queries(client: Browser) -> int:
    with CaptureQueriesContext(connection) as found:
        page_of(client)
    return len(found)


def test_a_quarter_without_quotas_says_what_to_do(cast: Cast, browse: Browse) -> None:
    text = plain(page_of(browse(cast.director), "?period=2027-Q1"))
    assert "No quota for 2027-Q1 yet" in text
    assert "Without a quota attainment is undefined" in text


@pytest.mark.parametrize("query", ["?period=2026", "?of=cats", "?sort=1", "?after=x"])
def test_a_filter_that_is_not_known_is_refused(cast: Cast, browse: Browse, query: str) -> None:
    assert browse(cast.director).get(reverse("quota_list") + query).status_code == 400
