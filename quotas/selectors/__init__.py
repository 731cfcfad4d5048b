"""Attainment: figures by node and person, what was asked of whom, how fresh it all is."""
