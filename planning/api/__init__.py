"""Retiring, merging and splitting territories, assigning accounts, and realignments over the API."""
