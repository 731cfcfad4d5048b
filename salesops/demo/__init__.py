"""A company that nobody has: people, customers, deals, orders and quotas, the same for a seed and a day.

`words`, `company`, `trade` and `targets` invent it (pure); `load` and `statements` write it; `seed` joins them.
"""
