"""Tags that build parts of a page."""

import re

import pytest
from django.http import HttpResponse, HttpResponseRedirect
from django.template import Context, Template
from django.test import RequestFactory
from django.urls import reverse

from common.middleware import AnswerMiddleware
from common.slots import slot_urls


def shown(text: str, path: str = "/", **typed: str) -> str:
    request = RequestFactory().post(path, typed) if typed else RequestFactory().get(path)
    return Template("{% load page drawings %}" + text).render(Context({"request": request}))


def test_an_icon_is_silent_and_inline():
    svg = shown('{% icon "search" %}')
    assert svg.startswith("<svg")
    assert 'aria-hidden="true"' in svg
    assert 'class="icon"' in svg
    assert 'class="icon big"' in shown('{% icon "inbox" "big" %}')


def test_each_form_has_its_own_key():
    keys = re.findall(
        r'<input type="hidden" name="idempotency_key" value="([0-9a-f-]{36})">',
        shown("{% idempotency %}{% idempotency %}"),
    )
    assert len(set(keys)) == 2


def test_a_form_shown_again_keeps_its_key():
    assert 'value="k-1"' in shown("{% idempotency %}", idempotency_key="k-1")


def test_a_key_is_escaped():
    assert '"><script>' not in shown("{% idempotency %}", idempotency_key='"><script>')


@pytest.mark.parametrize(
    ("tag", "path", "expected"),
    [
        (
            '{% query sort="-amount" after=None %}',
            "/?sort=amount&after=7&stage=won",
            "?sort=-amount&amp;stage=won",
        ),
        ('{% query after="9" %}', "/", "?after=9"),
        ('{% query after="" %}', "/?after=9", "?"),
        ('{% query q="a&b" %}', "/", "?q=a%26b"),
    ],
)
def test_query_changes_parameters_and_keeps_the_others(tag, path, expected):
    assert shown(tag, path) == expected


@pytest.mark.parametrize(
    ("path", "link", "state"),
    [
        ("/?after=3", "?sort=amount", None),
        ("/?sort=amount", "?sort=-amount", "ascending"),
        ("/?sort=-amount", "?sort=amount", "descending"),
        ("/?sort=name", "?sort=amount", None),
    ],
)
def test_a_column_head_sorts_and_says_how_it_is_sorted(path, link, state):
    head = shown('{% sort_head "amount" "Amount" True %}', path)
    aria = f' aria-sort="{state}"' if state else ""
    assert head == f'<th scope="col" class="num"{aria}><a href="{link}">Amount</a></th>'


def test_a_slot_loads_its_fragments_and_links_to_them(settings):
    settings.SLOTS = {"account.panels": ["account_login"]}
    url = reverse("account_login")
    html = shown('{% slot "account.panels" %}')
    assert f'hx-get="{url}"' in html
    assert f'<a href="{url}">Show more</a>' in html


def test_a_slot_can_put_its_argument_into_the_query(settings):
    settings.SLOTS = {"opportunity.win": ["account_login?opportunity"]}
    assert slot_urls("opportunity.win", 42) == [reverse("account_login") + "?opportunity=42"]
    assert shown('{% slot_url "opportunity.win" 42 %}').endswith("?opportunity=42")


def test_an_empty_slot_shows_nothing(settings):
    settings.SLOTS = {}
    assert shown('[{% slot "account.panels" 1 %}{% slot_url "shell.search" %}]') == "[]"


def test_small_drawings_have_words(db: str):
    assert 'aria-label="Ada: €50.00, Target €100.00"' in shown('{% bullet "Ada" 5000 10000 None "EUR" %}')


def test_a_fragments_redirect_moves_the_page():
    answer = AnswerMiddleware(lambda request: HttpResponseRedirect("/orders/1/"))
    turned = answer(RequestFactory().post("/", headers={"HX-Request": "true"}))
    assert (turned.status_code, turned["HX-Redirect"]) == (200, "/orders/1/")


def test_other_answers_stay_as_they_are():
    redirected = AnswerMiddleware(lambda request: HttpResponseRedirect("/orders/1/"))(
        RequestFactory().post("/")
    )
    assert (redirected.status_code, redirected["Location"]) == (302, "/orders/1/")
    plain = AnswerMiddleware(lambda request: HttpResponse("x"))(
        RequestFactory().get("/", headers={"HX-Request": "true"})
    )
    assert plain.content == b"x"
