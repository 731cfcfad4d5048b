"""How a profile reads files: its own form, the tables, the cells, and the typed rows that come out. Pure."""
