"""How often accounts are to be touched, by segment and tier; how segments are sold to; and the work that makes."""

from collections import Counter
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import CoverageModel, TouchNorm
from accounts.rules.workload import capacity, load, ramp_on, workload
from accounts.selectors.potential import Work, coverage_models, norms, workload_of
from accounts.services import classify_accounts, create_account, set_coverage_model, set_norm
from common.errors import Forbidden, Refused
from tests.cast import Cast
from workspace.services import add_value

TODAY, JUNE, JULY = date(2026, 5, 20), date(2026, 6, 1), date(2026, 7, 1)
SPRING = date(2026, 1, 1)


def norm(cast: Cast, segment: str, tier: str, touches: int, minutes: int, on: date = SPRING) -> None:
    values = {"touches": touches, "minutes": minutes, "starts_on": on}
    set_norm(by=cast.admin.pk, segment=segment, tier=tier, **values)


def sold(cast: Cast, segment: str, way: str, on: date = SPRING) -> None:
    set_coverage_model(by=cast.admin.pk, segment=segment, way=way, starts_on=on)


def test_the_vector() -> None:
    assert workload(40, 12, 90) == 720 * 60
    assert capacity(1_800, 60, 100, Fraction(1)) == 1_080 * 60
    assert load(720 * 60, Fraction(1_080 * 60)) == Fraction(2, 3)
    assert capacity(1_800, 60, 50, Fraction(1, 2)) == 270 * 60
    assert load(1, Fraction(0)) is None
    assert [ramp_on((0, 25, 50), month) for month in (0, 2, 3, 40)] == [0, 50, 100, 100]
    assert ramp_on((), 0) == 100


def test_a_norm_holds_from_its_day_on(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        norm(cast, "Enterprise", "A", 12, 90)
        norm(cast, "Enterprise", "A", 24, 60, JUNE)
        norm(cast, "Enterprise", "A", 6, 60, JULY)
        norm(cast, "Enterprise", "A", 18, 60, JUNE)
        told = [[(row.touches, row.minutes) for row in norms(day)] for day in (TODAY, JUNE, JULY)]
        assert told == [[(12, 90)], [(18, 60)], [(18, 60)]]
        with pytest.raises(Refused, match="At most 1,000 touches"):
            norm(cast, "Enterprise", "A", 1_001, 90)
        assert TouchNorm.objects.current().count() == 2


def test_segments_are_those_of_the_list(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="segment", value="Enterprise")
        norm(cast, "enterprise", "", 12, 90)
        norm(cast, "", "A", 12, 90)
        assert [(row.segment, row.tier) for row in norms(TODAY)] == [("", "A"), ("Enterprise", "")]
        sold(cast, "ENTERPRISE", "inside")
        sold(cast, "Enterprise", "partner", JUNE)
        assert [[(row.segment, row.way) for row in coverage_models(day)] for day in (TODAY, JUNE)] == [
            [("Enterprise", "inside")], [("Enterprise", "partner")],
        ]  # fmt: skip
        for wrong in (lambda: norm(cast, "Giant", "A", 1, 1), lambda: sold(cast, "Enterprise", "post"),
                      lambda: sold(cast, " ", "field")):  # fmt: skip
            with pytest.raises(Refused):
                wrong()
        assert CoverageModel.objects.current().count() == 2


def test_only_administrators_set_them(cast: Cast, acting: Any) -> None:
    for person in (cast.manager, cast.director, cast.coordinator, cast.executive):
        with acting(person), pytest.raises(Forbidden):
            set_norm(by=person.pk, segment="", tier="A", touches=1, minutes=1, starts_on=TODAY)
        with acting(person), pytest.raises(Forbidden):
            set_coverage_model(by=person.pk, segment="A", way="field", starts_on=TODAY)


def test_the_workload_of_a_territory_counts_what_has_no_norm(cast: Cast, acting: Any) -> None:
    with acting(cast.admin):
        here = cast.territories["East 1"].pk
        more = [create_account(by=cast.admin.pk, name=f"Fir {n}", territory_id=here).pk for n in range(3)]
        norm(cast, "Enterprise", "A", 12, 90)
        sold(cast, "Enterprise", "field")
        classify_accounts(
            by=cast.admin.pk, account_ids=[cast.accounts["Acorn"].pk, *more[:2]], starts_on=TODAY,
            segment="Enterprise", tier="A",
        )  # fmt: skip
        classify_accounts(
            by=cast.admin.pk, account_ids=[more[2]], starts_on=TODAY, segment="Enterprise", tier="B"
        )
        found = workload_of([here, cast.territories["East 2"].pk], TODAY)
        assert found[here] == Work(3 * 12 * 90, 4, 1, Counter({"field": 4}))
        assert found[cast.territories["East 2"].pk] == Work(0, 1, 1, Counter({"": 1}))
        yesterday = workload_of([here], date(2026, 5, 19))[here]
        assert (yesterday.minutes, yesterday.accounts, yesterday.missing) == (0, 1, 1)


def test_the_page_and_its_dialogs(cast: Cast, browse: Any, acting: Any) -> None:
    admin, page = browse(cast.admin), reverse("touch_norm_list")
    assert "No norm yet" in admin.get(page).content.decode()
    data = {"segment": "Enterprise", "tier": "A", "touches": "12", "minutes": "90", "starts_on": "2026-05-20"}
    assert admin.post(reverse("touch_norm_set"), data)["Location"] == page
    assert admin.post(reverse("touch_norm_set"), {**data, "touches": "-1"}).status_code == 422
    with acting(cast.admin):
        add_value(by=cast.admin.pk, name="segment", value="Enterprise")
    assert '<option value="Enterprise">' in admin.get(reverse("coverage_model_set")).content.decode()
    sent = {"segment": "Enterprise", "way": "inside", "starts_on": "2026-05-20"}
    assert admin.post(reverse("coverage_model_set"), sent)["Location"] == page
    assert admin.post(reverse("coverage_model_set"), {**sent, "way": "post"}).status_code == 422
    shown = admin.get(page).content.decode()
    for words in ("Enterprise", "12", "90", "inside"):
        assert words in shown
