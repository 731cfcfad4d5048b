"""Public holidays of a country or of one of its regions, out of the `holidays` library. Pure: no clock, no database."""

from collections.abc import Mapping
from datetime import date
from importlib import import_module
from typing import Any

from babel import Locale

from common.said import Said
from common.said import marked as _

ENGLISH = "en_US"


def _library() -> Any:
    """Loaded when somebody asks: every process would begin a tenth of a second later for one form."""
    return import_module("holidays")


def countries(locale: str) -> list[tuple[str, str]]:
    """The countries whose holidays are known, as code and name in a reader's language, by name."""
    names: Mapping[str, str] = Locale.parse(locale.replace("-", "_")).territories
    known = _library().list_supported_countries(include_aliases=False)
    return sorted(((code, names.get(code, code)) for code in known), key=lambda one: one[1])


def public_holidays(country: str, region: str, year: int, locale: str) -> dict[date, str]:
    """The public holidays of a calendar year, each with its name in the language of `locale` where that is known.

    Example: DE, BY, 2026 → 6 January (Epiphany) among them, which DE, BE has not. Raises Said for a country that is
    not known, and for a region that the country has not.
    """
    regions = _library().list_supported_countries(include_aliases=False).get(country)
    if regions is None:
        raise Said(_("The holidays of that country are not known."))
    if region and region not in regions:
        words = {"region": region, "regions": ", ".join(regions) or "—"}
        raise Said(_("%(region)s is none of its regions: %(regions)s."), **words)
    spoken = _library().country_holidays(country).supported_languages
    wished = (locale.replace("-", "_"), locale[:2], ENGLISH)
    language = next((one for one in wished if one in spoken), None)
    found = _library().country_holidays(country, subdiv=region or None, years=year, language=language)
    return {day: name for day, name in sorted(found.items()) if day.year == year}
