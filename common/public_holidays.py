"""Public holidays of a country or of one of its regions, out of the `holidays` library. Pure: no clock, no database."""

from collections.abc import Mapping
from datetime import date

import holidays
from babel import Locale

from common.said import Said
from common.said import marked as _

ENGLISH = "en_US"


def countries(locale: str) -> list[tuple[str, str]]:
    """The countries whose holidays are known, as code and name in a reader's language, by name."""
    names: Mapping[str, str] = Locale.parse(locale.replace("-", "_")).territories
    known = holidays.list_supported_countries(include_aliases=False)
    return sorted(((code, names.get(code, code)) for code in known), key=lambda one: one[1])


def public_holidays(country: str, region: str, year: int, locale: str) -> dict[date, str]:
    """The public holidays of a calendar year, each with its name in the language of `locale` where that is known.

    Example: DE, BY, 2026 → 6 January (Epiphany) among them, which DE, BE has not. Raises Said for a country that is
    not known, and for a region that the country has not.
    """
    regions = holidays.list_supported_countries(include_aliases=False).get(country)
    if regions is None:
        raise Said(_("The holidays of that country are not known."))
    if region and region not in regions:
        words = {"region": region, "regions": ", ".join(regions) or "—"}
        raise Said(_("%(region)s is none of its regions: %(regions)s."), **words)
    found = holidays.country_holidays(country, subdiv=region or None, years=year)
    spoken = [
        one for one in (locale.replace("-", "_"), locale[:2], ENGLISH) if one in found.supported_languages
    ]
    if spoken:
        found = holidays.country_holidays(country, subdiv=region or None, years=year, language=spoken[0])
    return {day: name for day, name in sorted(found.items()) if day.year == year}
