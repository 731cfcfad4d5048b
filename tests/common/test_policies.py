"""Settings: their values by day, what a change leaves alone, and who may decide."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from common.access import Reach
from common.errors import Forbidden, NotInReach, Refused, Stale
from common.models import Setting
from common.policies import POLICIES
from common.selectors import decisions, newest_change, policy
from common.services import set_policy
from common.transaction import work
from territories.models import RoleGrant
from tests.cast import PEOPLE, Cast

TODAY = date(2026, 5, 20)
JULY = date(2026, 7, 1)


def decide(cast: Cast, acting: Any, name: str, value: Any, **more: Any) -> Setting:
    with acting(cast.admin):
        return set_policy(by=cast.admin.pk, name=name, value=value, **more)


@pytest.mark.parametrize("name", POLICIES)
def test_every_setting_says_what_it_means_and_has_a_default_that_it_takes(name: str) -> None:
    setting = POLICIES[name]
    assert setting.allows(setting.default)
    assert str(setting.meaning).endswith(".")
    assert str(setting.changes).endswith(".")
    assert setting.in_words(setting.default)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stalled_after_days", "45 days"),
        ("new_customer_months", "12 months"),
        ("attained_percent", "100 %"),
        ("forecast_due_weekday", "Monday"),
        ("forecast_due_hour", "12:00"),
        ("peer_visibility", "private"),
    ],
)
def test_values_in_words(name: str, words: str) -> None:
    assert POLICIES[name].in_words(POLICIES[name].default) == words


def test_nobody_decided_anything_yet(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        assert {name: policy(name) for name in POLICIES} == {
            name: setting.default for name, setting in POLICIES.items()
        }
        assert newest_change("stalled_after_days") == 0


def test_a_dated_change_holds_from_its_day_and_leaves_the_past_alone(cast: Cast, acting: Any) -> None:
    decide(cast, acting, "forecast_due_hour", 9, starts_on=JULY, reason="Earlier meeting")
    with acting(cast.rep):
        days = (TODAY, JULY - timedelta(days=1), JULY, date(2027, 1, 1))
        assert [policy("forecast_due_hour", day) for day in days] == [12, 12, 9, 9]
        assert policy("forecast_due_hour") == 12


def test_a_later_decision_takes_the_place_of_what_was_still_to_come(cast: Cast, acting: Any) -> None:
    decide(cast, acting, "forecast_due_hour", 9, starts_on=JULY)
    decide(cast, acting, "forecast_due_hour", 15, starts_on=date(2026, 6, 1), reason="Later")
    with acting(cast.rep):
        days = (date(2026, 5, 31), date(2026, 6, 1), JULY)
        assert [policy("forecast_due_hour", day) for day in days] == [12, 15, 15]
        told = [(line.text, line.by, line.mark) for line in decisions("forecast_due_hour")]
    assert told == [
        ("From Jun 1, 2026 on: 15:00 (was 12:00). Later", "Ada Admin", ""),
        ("From Jul 1, 2026 on: 09:00 (was 12:00)", "Ada Admin", "Replaced before it took hold"),
    ]


def test_a_value_that_held_keeps_its_days(cast: Cast, acting: Any, clock: Any) -> None:
    decide(cast, acting, "stalled_after_days", 30)
    clock.shift(timedelta(days=10))
    decide(cast, acting, "stalled_after_days", 20)
    clock.shift(timedelta(days=1))
    decide(cast, acting, "stalled_after_days", 45, reason="Back to default")
    with acting(cast.rep):
        days = (TODAY - timedelta(days=1), TODAY, date(2026, 5, 29), date(2026, 5, 30), date(2026, 5, 31))
        assert [policy("stalled_after_days", day) for day in days] == [45, 30, 30, 20, 45]
        assert [line.text for line in decisions("stalled_after_days")] == [
            "From May 31, 2026 on: 45 days (was 20 days). Back to default",
            "From May 30, 2026 on: 20 days (was 30 days)",
            "From May 20, 2026 on: 30 days (was 45 days)",
        ]


@pytest.mark.parametrize(
    ("name", "value", "starts_on", "path", "words"),
    [
        ("stalled_after_days", 0, None, "value", "Write a whole number from 1 to 730."),
        ("stalled_after_days", 731, None, "value", "Write a whole number from 1 to 730."),
        ("stalled_after_days", "30", None, "value", "Write a whole number from 1 to 730."),
        ("stalled_after_days", True, None, "value", "Write a whole number from 1 to 730."),
        ("forecast_due_hour", 24, None, "value", "Choose one of the list."),
        ("peer_visibility", "public", None, "value", "Choose one of the list."),
        (
            "forecast_due_hour", 9, TODAY - timedelta(days=1), "starts_on",
            "A change holds from today or a later day on: what has been keeps its value.",
        ),
        ("stalled_after_days", 30, JULY, "starts_on", "This setting changes at once. Choose today."),
    ],
)  # fmt: skip
def test_what_a_setting_does_not_take(
    cast: Cast, acting: Any, name: str, value: Any, starts_on: date | None, path: str, words: str
) -> None:
    with pytest.raises(Refused) as refused:
        decide(cast, acting, name, value, starts_on=starts_on)
    assert (refused.value.path, str(refused.value)) == (path, words)
    assert not Setting.objects.exists()


def test_who_ends_a_value_stands_at_what_is_left_of_it(cast: Cast, acting: Any, clock: Any) -> None:
    with work(by=None, why="a second administrator", reach=Reach.everything()):
        RoleGrant.objects.create(user=cast.executive, role="admin", starts_on=date(2026, 1, 1))
    with acting(cast.admin):
        set_policy(by=cast.admin.pk, name="stalled_after_days", value=20)
    clock.move_to("2026-06-01T12:00:00Z")
    with acting(cast.executive):
        set_policy(by=cast.executive.pk, name="stalled_after_days", value=25)
        rows = Setting.objects.current().order_by("starts_on").values_list("value", "recorded_by_id")
        assert list(rows) == [(20, cast.executive.pk), (25, cast.executive.pk)]


def test_a_setting_that_there_is_not(cast: Cast, acting: Any) -> None:
    with pytest.raises(NotInReach):
        decide(cast, acting, "largest_discount", 5)


@pytest.mark.parametrize("key", sorted(set(PEOPLE) - {"admin"}))
def test_only_administrators_decide(cast: Cast, acting: Any, key: str) -> None:
    person = getattr(cast, key)
    with pytest.raises(Forbidden), acting(person):
        set_policy(by=person.pk, name="stalled_after_days", value=30)


def test_of_two_who_decide_at_once_the_second_reads_what_the_first_said(cast: Cast, acting: Any) -> None:
    decide(cast, acting, "stalled_after_days", 30, version=0)
    with pytest.raises(Stale):
        decide(cast, acting, "stalled_after_days", 60, version=0)
    with acting(cast.admin):
        seen = newest_change("stalled_after_days")
        assert policy("stalled_after_days") == 30
    decide(cast, acting, "stalled_after_days", 60, version=seen)


def test_a_reason_and_who_gave_it_are_kept(cast: Cast, acting: Any) -> None:
    row = decide(cast, acting, "stalled_after_days", 30, reason="  Faster quarters  ")
    assert (row.reason, row.recorded_by_id, row.starts_on) == ("Faster quarters", cast.admin.pk, TODAY)


def test_of_two_who_decide_in_the_same_moment_one_is_refused(cast: Cast, acting: Any) -> None:
    ready, told = threading.Barrier(2), []

    def attempt(value: int) -> None:
        try:
            with acting(cast.admin):
                ready.wait(timeout=10)
                set_policy(by=cast.admin.pk, name="stalled_after_days", value=value, version=0)
                told.append(value)
        except Refused:
            told.append(0)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(value,)) for value in (20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    with acting(cast.rep):
        standing = Setting.objects.current().get(name="stalled_after_days").value
        assert sorted(told) == [0, standing]
        assert policy("stalled_after_days") == standing
