"""The sheet of how everything stands, which goes out, is edited elsewhere, and comes back as a realignment."""

MOST_LINES = 50_000
"""So many lines are brought back at once; more than that is cut by territory."""
