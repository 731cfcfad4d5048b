"""Rates out of the bank's file: looked at first, brought in as they were shown, and nothing typed is overwritten."""

import time
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from common import services
from common.errors import Forbidden, Refused
from common.models import Rate, RateFile
from common.published_rates import Asked, file_of, plan_of
from common.selectors import both_rates
from tests.cast import Cast
from tests.common.test_rate_create import typed
from tests.imports.conftest import real_files

__all__ = ["real_files"]

CREATE, LIST = reverse("rate_file_create"), reverse("rate_list")
FILE = """Date,USD,GBP,ISK,
2026-05-15,1.2,0.8,N/A,
2026-05-14,1.1,0.88,N/A,
2026-05-08,1.1,0.8,140,
2026-05-04,1.0,0.8,150,
"""
NEWER = "Date,USD,GBP,ISK,\n2026-05-18,1.3,0.8,N/A,\n" + FILE.split("\n", 1)[1]
MAY = date(2026, 5, 1)


def packed(text: str, name: str = "eurofxref-hist.csv") -> bytes:
    box = BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return box.getvalue()


def keep(cast: Cast, acting: Any, text: str) -> int:
    with acting(cast.admin):
        return services.keep_rate_file(by=cast.admin.pk, name="rates.csv", content=text.encode()).pk


def bring(cast: Cast, acting: Any, text: str, *currencies: str, first: date = MAY, **more: Any) -> Any:
    file_id = keep(cast, acting, text)
    with acting(cast.admin):
        file, asked = file_of(file_id), Asked(more.pop("kind", "booked"), currencies, first, **more)
        assert file
        shown = plan_of(file, asked).digest
        return services.bring_rates(by=cast.admin.pk, file_id=file_id, asked=asked, shown=shown)


def rates(cast: Cast, acting: Any, currency: str, kind: str = "booked") -> list[tuple[str, str, str]]:
    with acting(cast.admin):
        rows = Rate.objects.current().filter(currency=currency, kind=kind).order_by("starts_on")
        return [(_short(row.starts_on), _short(row.stops_on), f"{row.value.normalize():f}") for row in rows]


def _short(day: date | None) -> str:
    return f"{day:%m-%d}" if day else ""


POUNDS = [
    ("05-04", "05-08", "1.25"),
    ("05-08", "05-14", "1.375"),
    ("05-14", "05-15", "1.25"),
    ("05-15", "", "1.5"),
]


def test_a_file_is_looked_at_and_brought_in(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    assert CREATE in client.get(LIST).content.decode()
    sent = client.post(CREATE, {"file": SimpleUploadedFile("eurofxref-hist.zip", packed(FILE))})
    with acting(cast.admin):
        kept = RateFile.objects.get()
        assert (kept.first_on, kept.last_on) == (date(2026, 5, 4), date(2026, 5, 15))
    url = reverse("rate_import", args=[kept.pk])
    assert (sent.status_code, sent["Location"]) == (302, url)
    page = client.get(url).content.decode()
    assert "eurofxref-hist.zip, May 4, 2026 – May 15, 2026" in page
    assert "Bring them in" not in page
    form = {"kind": "booked", "starts_on": "2026-05-01", "currencies": ["GBP", "EUR"]}
    looked = client.post(url, form)
    assert looked.status_code == 200
    text = looked.content.decode()
    assert "EUR: 1.2 was typed from Jan 1, 2025 on, without an end, and stays" in text
    assert rates(cast, acting, "GBP") == []
    plan = looked.context["plan"]
    assert [(line.currency, line.added, line.kept) for line in plan.lines] == [("EUR", 0, 4), ("GBP", 4, 0)]
    assert client.post(url, {**form, "shown": plan.digest}).status_code == 302
    assert rates(cast, acting, "GBP") == POUNDS
    with acting(cast.admin):
        row = Rate.objects.get(currency="GBP", stops_on=None)
        assert (row.source, row.is_published, row.recorded_by_id) == (
            "European Central Bank",
            True,
            cast.admin.pk,
        )
    again = client.post(url, {**form, "currencies": ["GBP"]}).content.decode()
    assert "Everything is here already: nothing would change." in again


def test_a_rate_that_was_typed_is_never_overwritten(cast: Cast, acting: Any, browse: Any) -> None:
    for starts_on, stops_on, value in (
        ("2026-05-06", "2026-05-11", "1.4"),
        ("2026-05-14", "2026-05-15", "1.6"),
    ):
        browse(cast.admin).post(
            reverse("rate_create"), typed(currency="GBP", value=value, starts_on=starts_on, stops_on=stops_on)
        )
    plan = bring(cast, acting, FILE, "GBP")
    line = plan.lines[0]
    assert (line.added, line.kept, [str(row.value) for row in line.typed]) == (
        3,
        3,
        ["1.4000000000", "1.6000000000"],
    )
    assert rates(cast, acting, "GBP") == [
        ("05-04", "05-06", "1.25"),
        ("05-06", "05-11", "1.4"),
        ("05-11", "05-14", "1.375"),
        ("05-14", "05-15", "1.6"),
        ("05-15", "", "1.5"),
    ]


def test_a_typed_rate_without_an_end_ends_where_that_is_chosen(cast: Cast, acting: Any) -> None:
    plan = bring(cast, acting, FILE, "EUR", ends_typed=True)
    assert [row.value for row in plan.lines[0].ended] == [Decimal("1.2")]
    with acting(cast.admin):
        april, _plan = both_rates("EUR", date(2026, 4, 30))
        typed_rate, _plan = both_rates("EUR", date(2026, 5, 3))
        first, _plan = both_rates("EUR", date(2026, 5, 4))
        assert typed_rate
        assert first
        assert (typed_rate.stops_on, typed_rate.value, first.value) == (
            first.starts_on,
            Decimal("1.2"),
            Decimal(1),
        )
        later, plan_rate = both_rates("EUR", date(2026, 5, 20))
        assert april
        assert later
        assert plan_rate
        assert (april.value, later.value, plan_rate.value) == (Decimal("1.2"), Decimal("1.2"), Decimal("1.1"))


def test_a_newer_file_adds_its_days_and_ends_the_last_one(cast: Cast, acting: Any) -> None:
    bring(cast, acting, FILE, "GBP")
    plan = bring(cast, acting, NEWER, "GBP")
    assert (plan.lines[0].added, plan.lines[0].changed, plan.lines[0].unchanged) == (1, 0, 4)
    assert rates(cast, acting, "GBP") == [*POUNDS[:3], ("05-15", "05-18", "1.5"), ("05-18", "", "1.625")]
    older = bring(cast, acting, FILE, "GBP")
    assert (older.added, older.changed) == (0, 0)
    assert rates(cast, acting, "GBP")[-1] == ("05-18", "", "1.625")


def test_what_the_bank_corrects_is_corrected_and_what_stood_is_known(cast: Cast, acting: Any) -> None:
    bring(cast, acting, FILE, "GBP")
    plan = bring(cast, acting, FILE.replace("2026-05-14,1.1,0.88", "2026-05-14,1.1,1.1"), "GBP")
    assert (plan.added, plan.changed) == (0, 1)
    assert rates(cast, acting, "GBP")[2] == ("05-14", "05-15", "1")
    with acting(cast.admin):
        old = Rate.objects.get(currency="GBP", starts_on=date(2026, 5, 14), superseded_at__isnull=False)
        new = Rate.objects.get(currency="GBP", starts_on=date(2026, 5, 14), superseded_at=None)
        assert (old.value, old.superseded_at, old.superseded_by_id) == (
            Decimal("1.25"),
            new.recorded_at,
            cast.admin.pk,
        )


def test_gaps_are_named_and_hold_no_rate(cast: Cast, acting: Any, browse: Any) -> None:
    gappy = FILE.replace("2026-05-15,1.2,0.8,N/A", "2026-05-20,1.2,0.8,160")
    url = reverse("rate_import", args=[keep(cast, acting, gappy)])
    form = {"kind": "current", "starts_on": "2026-05-01", "currencies": ["ISK"]}
    looked = browse(cast.admin).post(url, form)
    assert "ISK: no rate from May 15, 2026 to May 19, 2026." in looked.content.decode()
    browse(cast.admin).post(url, {**form, "shown": looked.context["plan"].digest})
    assert rates(cast, acting, "ISK", "current") == [
        ("05-04", "05-08", "0.0066666667"),
        ("05-08", "05-15", "0.0078571429"),
        ("05-20", "", "0.0075"),
    ]


def test_what_was_not_shown_is_not_brought_in(cast: Cast, acting: Any, browse: Any) -> None:
    url = reverse("rate_import", args=[keep(cast, acting, FILE)])
    form = {"kind": "booked", "starts_on": "2026-05-01", "currencies": ["GBP"]}
    shown = browse(cast.admin).post(url, form).context["plan"].digest
    browse(cast.admin).post(
        reverse("rate_create"), typed(currency="GBP", starts_on="2026-05-06", stops_on="2026-05-07")
    )
    late = browse(cast.admin).post(url, {**form, "shown": shown})
    assert late.status_code == 409
    assert "The rates have changed since you looked." in late.content.decode()
    assert "Bring them in" in late.content.decode()
    assert len(rates(cast, acting, "GBP")) == 1
    other = browse(cast.admin).post(url, {**form, "currencies": ["ISK"], "shown": shown})
    assert (other.status_code, rates(cast, acting, "ISK")) == (409, [])


def test_a_wrong_file_is_refused_at_its_field(cast: Cast, acting: Any, browse: Any) -> None:
    client = browse(cast.admin)
    wrong = {
        "Take it as the bank publishes it": b"\xff\xfe\x00",
        "The ZIP file is damaged.": b"PK\x03\x04 nothing",
        "The ZIP file holds not one CSV file, but 0.": packed(FILE, "rates.txt"),
        "The first column is called Date": b"Day,USD\n",
        "The file unpacks to more than 20 MB.": packed("x" * 20_000_001),
    }
    for message, content in wrong.items():
        answer = client.post(CREATE, {"file": SimpleUploadedFile("rates.zip", content)})
        assert answer.status_code == 422, message
        assert message in " ".join(answer.context["form"].errors["file"])
    large = client.post(CREATE, {"file": SimpleUploadedFile("rates.zip", b"x" * 5_000_001)})
    assert large.context["form"].errors["file"] == ["The file is larger than 5 MB."]
    assert client.post(CREATE, {}).status_code == 422
    assert client.get(reverse("rate_import", args=[99])).status_code == 404


def test_a_file_without_the_reporting_currency_values_nothing(cast: Cast, acting: Any, browse: Any) -> None:
    url = reverse("rate_import", args=[keep(cast, acting, "Date,GBP\n2026-05-04,0.8\n")])
    answer = browse(cast.admin).post(
        url, {"kind": "booked", "starts_on": "2026-05-01", "currencies": ["GBP"]}
    )
    assert answer.status_code == 422
    assert "The file has no rate of USD, the reporting currency." in answer.content.decode()


def test_the_same_file_is_kept_once_and_only_by_administrators(cast: Cast, acting: Any, browse: Any) -> None:
    first = keep(cast, acting, FILE)
    assert keep(cast, acting, FILE) == first
    for person in (cast.rep, cast.manager, cast.director, cast.coordinator, cast.executive):
        assert browse(person).get(CREATE).status_code == 403
        assert browse(person).get(reverse("rate_import", args=[first])).status_code == 403
        with acting(person):
            with pytest.raises(Forbidden):
                services.keep_rate_file(by=person.pk, name="a.csv", content=FILE.encode())
            asked = Asked("booked", ("GBP",), MAY)
            with pytest.raises(Forbidden):
                services.bring_rates(by=person.pk, file_id=first, asked=asked, shown="")
    with acting(cast.admin), pytest.raises(Refused):
        services.keep_rate_file(by=cast.admin.pk, name="a.csv", content=b"nothing")


def test_all_rates_of_a_currency_are_read_page_by_page(cast: Cast, acting: Any, browse: Any) -> None:
    days = "".join(
        f"2026-{month:02}-{day:02},1.{month}{day:02},0.8\n" for month in (3, 4) for day in range(1, 31)
    )
    bring(cast, acting, "Date,USD,GBP\n" + days, "GBP", first=date(2026, 1, 1))
    client = browse(cast.rep)
    now = client.get(LIST).content.decode()
    assert "?currency=GBP&amp;kind=booked" in now
    assert "Mar 1, 2026" not in now
    page = client.get(LIST, {"currency": "GBP", "kind": "booked"})
    assert len(page.context["rates"]) == 50
    after = client.get(LIST, {"currency": "GBP", "kind": "booked", "after": page.context["after"]})
    assert [row.starts_on for row in after.context["rates"]][-1] == date(2026, 3, 1)
    assert client.get(LIST, {"currency": "GBP", "kind": "spot"}).status_code == 400


def test_the_whole_file_of_the_bank_within_seconds(cast: Cast, acting: Any, real_files: Any) -> None:
    content = (real_files / "fx-ecb" / "eurofxref-hist.zip").read_bytes()
    started = time.perf_counter()
    with acting(cast.admin):
        kept = services.keep_rate_file(by=cast.admin.pk, name="eurofxref-hist.zip", content=content)
        file = file_of(kept.pk)
        assert file
        currencies = tuple(code for code in file.currencies if code not in ("USD", "EUR"))
        asked = Asked("booked", currencies, date(1999, 1, 1))
        plan = plan_of(file, asked)
        services.bring_rates(by=cast.admin.pk, file_id=kept.pk, asked=asked, shown=plan.digest)
    seconds = time.perf_counter() - started
    assert len(file.days) == 7126
    with acting(cast.admin):
        rows = Rate.objects.current().filter(is_published=True)
        assert rows.count() == plan.added
        pound = Rate.objects.on(date(2026, 10, 30)).get(currency="GBP", kind="booked")
        assert pound.value == Decimal("1.3398896618")
        # A Saturday has the rate of its Friday.
        assert Rate.objects.on(date(2026, 10, 24)).get(currency="GBP").starts_on == date(2026, 10, 23)
        krona = next(line for line in plan.lines if line.currency == "ISK")
        assert [(gap.start.year, gap.stop.year) for gap in krona.gaps] == [(2008, 2018)]
        assert not Rate.objects.on(date(2012, 1, 2)).filter(currency="ISK").exists()
    assert seconds < 60


def daily(first: date, days: int) -> bytes:
    """A published file of so many days in a row."""
    rows = [f"{first + timedelta(days=number)},1.1" for number in range(days)]
    return ("Date,USD\n" + "\n".join(reversed(rows)) + "\n").encode()


def test_a_file_that_begins_later_takes_nothing_of_what_is_before_it(cast: Cast, acting: Any) -> None:
    since, later = date(2026, 1, 1), date(2026, 2, 20)
    with acting(cast.admin):
        for first in (since, later):
            file = services.keep_rate_file(by=cast.admin.pk, name="rates.csv", content=daily(first, 60))
            asked = Asked("current", ("EUR",), since)
            plan = plan_of(file_of(file.pk), asked)
            services.bring_rates(by=cast.admin.pk, file_id=file.pk, asked=asked, shown=plan.digest)
        held = Rate.objects.current().filter(kind="current", currency="EUR", starts_on__lt=later)
        assert held.count() == 50
        assert max(held.values_list("stops_on", flat=True)) == later
