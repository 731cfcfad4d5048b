"""What a phone installs: the manifest and its icons, the service worker, the page without a network."""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.conftest import Browser

Browse = Callable[[Any], Browser]
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_the_manifest_is_everybodys_and_has_what_an_installed_app_needs(db: str) -> None:
    answer = Client().get(reverse("app_manifest"))
    manifest = answer.json()
    assert answer["Content-Type"] == "application/manifest+json"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    assert manifest["name"]
    assert len(manifest["short_name"]) <= 12
    kinds = {(icon["purpose"], icon["sizes"]) for icon in manifest["icons"]}
    assert {("any", "192x192"), ("any", "512x512"), ("maskable", "512x512")} <= kinds
    assert [one["url"] for one in manifest["shortcuts"]] == ["/opportunities/new/", "/search/", "/inbox/"]


def test_its_icons_are_there_in_the_sizes_that_it_names(db: str) -> None:
    icons = Client().get(reverse("app_manifest")).json()["icons"]
    for icon in icons:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path, icon["src"]
        if icon["type"] == "image/png":
            head = Path(str(path)).read_bytes()[:24]
            assert head[:8] == SIGNATURE
            assert "{}x{}".format(*struct.unpack(">II", head[16:24])) == icon["sizes"]


def test_the_worker_may_serve_the_whole_site(db: str) -> None:
    answer = Client().get(reverse("app_worker"))
    assert answer["Content-Type"] == "text/javascript"
    assert (answer["Service-Worker-Allowed"], answer["Cache-Control"]) == ("/", "no-cache")


def test_the_page_without_a_network_says_so_and_asks_the_database_nothing(
    db: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        page = Client().get(reverse("app_offline")).content.decode()
    assert "No connection" in page
    assert "Try again" in page


@pytest.mark.parametrize("name", ["app_manifest", "app_worker", "app_offline"])
def test_they_are_only_read(db: str, name: str) -> None:
    assert Client().post(reverse(name)).status_code == 405


def test_every_page_leads_to_them_in_both_colours(cast: Cast, browse: Browse) -> None:
    page = browse(cast.rep).get("/search/").content.decode()
    worker = f'<link rel="manifest" href="{reverse("app_manifest")}" data-worker="{reverse("app_worker")}">'
    assert worker in page
    assert (
        len(re.findall(r'<meta name="theme-color" content="#\w{6}" media="\(prefers-color-scheme', page)) == 2
    )
    assert 'rel="apple-touch-icon"' in page


def test_the_policy_lets_the_worker_and_the_manifest_in(cast: Cast, browse: Browse) -> None:
    policy = browse(cast.rep).get("/search/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "worker-src" not in policy
    assert "manifest-src" not in policy
