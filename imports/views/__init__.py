"""Pages of the set-up's tables and of what was brought in."""
