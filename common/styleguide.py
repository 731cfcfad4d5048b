"""What the style guide shows: every component of the look in its states, with figures made up for it."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from django_stubs_ext import StrOrPromise

from common import charts, locale

CURRENCY = "EUR"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug")
AS_OF = datetime(2026, 8, 14, 14, 3, tzinfo=UTC)


class SampleForm(forms.Form):
    """Every kind of field once."""

    name = forms.CharField(label=_("Name"), help_text=_("As the customer would say it."))
    amount = forms.CharField(
        label=_("Amount"), widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num"})
    )
    close_on = forms.CharField(label=_("Close date"))
    stage = forms.ChoiceField(
        label=_("Stage"), choices=[("discovery", _("Discovery")), ("proposal", _("Proposal"))]
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[("met", _("Met")), ("missed", _("Not reached"))],
        widget=forms.RadioSelect,
    )
    next_step = forms.CharField(
        label=_("Next step"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    is_reported = forms.BooleanField(label=_("Tell the team"), required=False)


class LineForm(forms.Form):
    """One line of an order."""

    product = forms.ChoiceField(label=_("Product"), choices=[("1", "GTX Pro"), ("2", "MG Special")])
    quantity = forms.IntegerField(label=_("Quantity"))
    price = forms.CharField(label=_("Price"))


class StyleGuide(TemplateView):
    """The page at /styleguide/, in development only."""

    template_name = "common/styleguide.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, **samples())


def samples() -> dict[str, Any]:
    """The context of the style guide."""
    typed = {"name": "Fleet renewal", "amount": "1.5e3", "close_on": "31/02/2026", "stage": "proposal"}
    lines = forms.formset_factory(LineForm, extra=1)(
        prefix="lines", initial=[{"product": "1", "quantity": 3, "price": "550.00"}]
    )
    refused = SampleForm(typed, auto_id="refused_%s")
    refused.add_error("amount", _("Write the amount as 1,234.56."))
    refused.add_error("close_on", _("Write the day as 03/31/2026 or 2026-03-31."))
    return {
        "currency": CURRENCY,
        "freshness": {"as_of": AS_OF, "sentence": _("attainment run 1,284"), "next_run": None},
        "forms": [SampleForm(initial={"name": "Fleet renewal", "amount": "12,500.00"}), refused],
        "lines": lines,
        "tiles": _tiles(),
        "metrics": [_metric()],
        "metric": _metric(),
        "rows": _rows(),
        "columns": _columns(),
        "history": _history(),
        "tabs": _tabs(),
        "chart": _chart(),
        "banners": _banners(),
    }


def _metric() -> dict[str, StrOrPromise]:
    return {
        "key": "attainment",
        "name": _("Attainment"),
        "definition": _("Order intake credited in the period, divided by the quota of the same period."),
        "formula": _("attainment = order intake ÷ quota"),
        "example": _("Order intake 280, quota 1,000: 28%. Without a quota it is undefined and shown as —."),
    }


def _tiles() -> list[dict[str, Any]]:
    measured = charts.Measured(str(_("Order intake")), 84_125_50, 120_000_00, 90_000_00)
    parts = ("metric", "name", "url", "note", "bullet", "lead")
    tiles: list[dict[str, Any]] = [
        {
            "metric": _metric(),
            "figure": locale.format_percent(0.701),
            "url": "#tables",
            "bullet": charts.bullet(measured, _money),
            "note": _("€84,125.50 of €120,000.00"),
            "lead": True,
        },
        {"name": _("Pace"), "figure": locale.format_percent(0.935)},
        {"name": _("Gap"), "figure": _money(-35_874_50), "url": "#tables"},
        {"name": _("Pipeline coverage"), "figure": locale.UNDEFINED, "note": _("No quota in this period")},
    ]
    return [{**dict.fromkeys(parts), **tile} for tile in tiles]


def _rows() -> list[dict[str, Any]]:
    figures = [
        ("1", 0, "North", "Ada Brown", 120_000_00, 84_125_50, 2),
        ("1/4", 1, "Harbour", "Bea Cole", 70_000_00, 91_300_25, 2),
        ("1/4/9", 2, "Docks", "Cai Dunn", 40_000_00, 12_050_00, 0),
        ("1/5", 1, "Old Town", "", 50_000_00, -7_174_75, 0),
        ("2", 0, "South", "Eli Ford", 0, 15_000_00, 0),
    ]
    return [
        {
            "path": path,
            "level": level,
            "name": name,
            "person": person,
            "quota": quota or None,
            "intake": intake,
            "attainment": intake / quota if quota else None,
            "pace": quota * 62 // 100,
            "parent": children,
        }
        for path, level, name, person, quota, intake, children in figures
    ]


def _columns() -> list[dict[str, Any]]:
    stages = [
        ("discovery", _("Discovery"), ["Fleet renewal", "Cold store, second hall"]),
        ("proposal", _("Proposal"), ["Harbour cranes"]),
        ("negotiation", _("Negotiation"), ["Winter tyres 2026"]),
        ("won", _("Won"), []),
    ]
    columns = []
    for column, (key, label, titles) in enumerate(stages):
        amounts = [12_500_00 * (index + column + 1) for index in range(len(titles))]
        cards = [
            {"pk": column * 10 + index, "title": title, "amount": amount}
            for index, (title, amount) in enumerate(zip(titles, amounts, strict=True))
        ]
        columns.append({"key": key, "label": label, "cards": cards, "total": sum(amounts)})
    return columns


def _history() -> list[dict[str, Any]]:
    made = {"by": "Ada Brown", "at": AS_OF}
    return [
        {**made, "field": _("Stage"), "before": _("Discovery"), "after": _("Proposal")},
        {**made, "field": _("Close date"), "before": None, "after": "30 Sep 2026"},
        {**made, "text": _("Logged a phone call: sends the drawings")},
    ]


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": _("Table"), "url": "#tabs", "active": True, "count": 12},
        {"label": _("Board"), "url": "#board", "active": False},
        {"label": _("Calendar"), "url": "#charts", "active": False},
    ]


def _banners() -> list[dict[str, StrOrPromise]]:
    texts = {
        "info": _("Pace is an equal share per working day until seasonality is set."),
        "warn": _("No run since 13 Aug 2026: figures may be old."),
        "bad": _("The night's run failed. The last good figures are shown."),
        "good": _("The import is in: 8,800 rows."),
    }
    return [
        {"level": level, "text": text, "url": "#", "label": _("See why")} for level, text in texts.items()
    ]


def _chart() -> charts.Chart:
    bars = [
        charts.Bar(month, (6_000_00 + 900_00 * index, 2_500_00, -400_00 * (index % 3)), 10_000_00)
        for index, month in enumerate(MONTHS)
    ]
    return charts.stacked(
        str(_("Order intake passed its target in June")),
        str(_("Order intake grew every month, from €8,500 in January to €14,400 in August.")),
        [str(_("New")), str(_("Expansion")), str(_("Cancelled"))],
        bars,
        _money,
        _short,
    )


def _money(minor: int) -> str:
    return locale.format_money(minor, CURRENCY)


def _short(minor: int) -> str:
    return locale.format_money_whole(minor, CURRENCY)
