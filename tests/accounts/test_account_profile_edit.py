"""What is known of a customer, with its day and who wrote it."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import ProfileNote
from accounts.selectors.profiles import profile_of
from accounts.services import write_profile
from common.errors import Forbidden, NotInReach, Refused
from tests.cast import Cast

TODAY = date(2026, 5, 20)


def write(
    cast: Cast, person: Any, text: str, as_of: date = TODAY, topic: str = "goals", name: str = "Acorn"
) -> None:
    write_profile(by=person.pk, account_id=cast.accounts[name].pk, topic=topic, text=text, as_of=as_of)


def known(cast: Cast) -> list[tuple[str, str, bool, list[str]]]:
    return [
        (one.topic, one.newest.text if one.newest else "", one.is_old, [note.text for note in one.earlier])
        for one in profile_of(cast.accounts["Acorn"].pk, TODAY)
    ]


def test_the_note_of_the_newest_day_counts_and_all_are_kept(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        write(cast, cast.rep, "Grow abroad", date(2026, 5, 1))
        write(cast, cast.rep, "Stay small", date(2024, 1, 1))
        write(cast, cast.rep, "Grow at home", date(2026, 5, 1))
        assert known(cast) == [
            ("goals", "Grow at home", False, ["Grow abroad", "Stay small"]),
            ("strategy", "", False, []),
            ("financials", "", False, []),
            ("challenges", "", False, []),
        ]


def test_after_180_days_it_is_old(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        write(cast, cast.rep, "fresh", date(2025, 11, 21))
        write(cast, cast.rep, "old", date(2025, 11, 20), "strategy")
        assert [one[2] for one in known(cast)] == [False, True, False, False]


def test_who_may_and_what_is_refused(cast: Cast, acting: Any) -> None:
    with acting(cast.rep):
        for wrong in ({"text": " "}, {"as_of": date(2026, 5, 21)}, {"topic": "weather"}):
            with pytest.raises(Refused):
                write(cast, cast.rep, **{"text": "x", **wrong})
        with pytest.raises(NotInReach):
            write(cast, cast.rep, "x", name="Cedar")
    with acting(cast.director), pytest.raises(Forbidden):
        write(cast, cast.director, "x")


def test_the_dialog_begins_with_what_was_written_last(cast: Cast, browse: Any, acting: Any) -> None:
    with acting(cast.rep):
        write(cast, cast.rep, "Grow abroad\nnext year", date(2025, 1, 1), "challenges")
    client, pk = browse(cast.manager), cast.accounts["Acorn"].pk
    panel, edit = (reverse(f"account_profile_{name}", args=[pk]) for name in ("panel", "edit"))
    url = f"{edit}?topic=challenges"
    assert "Grow abroad\nnext year" in client.get(url).content.decode()
    assert "older than 180 days" in client.get(panel).content.decode()
    assert client.get(f"{edit}?topic=weather").status_code == 400
    answer = client.post(url, {"text": "Costs", "as_of": "2026-05-20"})
    assert answer["Location"] == reverse("account_detail", args=[pk])
    page = client.get(panel).content.decode()
    assert "Mona Manager" in page
    assert "1 earlier note" in page
    assert "older than" not in page
    reader = browse(cast.director).get(panel).content.decode()
    assert "Costs" in reader
    assert edit not in reader
    with acting(cast.admin):
        assert ProfileNote.objects.count() == 2
