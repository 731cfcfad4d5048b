"""A company that nobody has: people, customers, deals, orders and quotas, the same for a seed and a day.

`facts` says what it is; `company`, `trade` and `targets` invent it (pure); `load`, `tables` and `statements` write it;
`seed` joins them.
"""
