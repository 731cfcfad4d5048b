"""Profiles: what they name wrongly is refused with what is known; what comes along can be read."""

import pytest

from imports.management.commands.import_data import PROFILES
from imports.rules.entities import ENTITIES
from imports.rules.profile import BadProfile, read_profile

COMPANY = """
name = "acme"
[company]
name = "Acme"
reporting_currency = "EUR"
first_year = 2026
last_year = 2026
"""
FAMILY = """
[[table]]
entity = "family"
file = "families.csv"
[table.fields]
code = "code"
name = { column = "name", map = { a = "b" } }
"""


def test_tables_are_applied_in_the_order_of_entities():
    product = FAMILY.replace("family", "product").replace(
        'code = "code"', 'code = "c"\nfamily = "f"\ncurrency = "x"'
    )
    profile = read_profile(COMPANY + product + FAMILY)
    assert [table.entity for table in profile.tables] == ["family", "product"]
    assert profile.company.fiscal_start_month == 1
    assert profile.files == ["families.csv"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "not TOML"),
        (COMPANY + "colour = 1", r"\[company\]: 'colour' is not known"),
        (COMPANY.replace("first_year = 2026", ""), r"\[company\]: first_year must be given"),
        (COMPANY + FAMILY.replace('"family"', '"famly"'), "'famly' is not known here. Did you mean 'family'"),
        (COMPANY + FAMILY.replace("code =", "cod ="), "'cod' is not known here. Did you mean 'code'"),
        (COMPANY + FAMILY.replace('code = "code"', ""), "table 1 .family.: code must be given"),
        (
            COMPANY + FAMILY.replace("map", "maps"),
            "family., name: 'maps' is not known here. Did you mean 'map'",
        ),
        (COMPANY + FAMILY.replace('column = "name", ', ""), "needs one of column, value, template, first"),
        (COMPANY + FAMILY.replace('file = "families.csv"', ""), "either a `file` or constant `rows`"),
        (COMPANY + FAMILY.replace("file =", 'encoding = "utf8"\nfile ='), "'utf8' is not known here"),
        (COMPANY + FAMILY + '[table.style]\ndate = "YYYY"', "'date' is not known here. Did you mean 'dates'"),
        (COMPANY + '[[table]]\nfile = "x"', "table 1: entity must be given"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, message):
    with pytest.raises(BadProfile, match=message):
        read_profile(text)


@pytest.mark.parametrize("path", sorted(PROFILES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_profiles_that_come_along_can_be_read(path):
    profile = read_profile(path.read_text(encoding="utf-8"))
    assert profile.name == path.stem
    assert {table.entity for table in profile.tables} <= set(ENTITIES)
