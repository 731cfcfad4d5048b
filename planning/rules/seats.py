"""Seats that go back to whom they were taken from."""

from datetime import date

from territories.rules import ramp_percents


def ramp_left(ramp: str, start: date, day: date) -> str:
    """What is left on a day of a ramp that began on another, by whole months; none once a full quota is carried.

    Unit: percent, month by month. Example: "0 25 50 100" from 1 January, on 15 March → "50 100"; on 1 June → "".
    Raises Said for what is no ramp.
    """
    months = (day.year - start.year) * 12 + day.month - start.month - (day.day < start.day)
    left = ramp_percents(ramp)[months:]
    return " ".join(map(str, left)) if len(left) > 1 else ""
