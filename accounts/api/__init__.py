"""Accounts, and the rules that say where they belong, over the API."""
