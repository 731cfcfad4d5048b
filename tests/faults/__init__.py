"""What the product does when its servers and processes are killed, stopped or wiped. It mirrors no app.

Every test works on servers of its own, never on those of the other tests. The table of faults is in
docs/operations.md.
"""
