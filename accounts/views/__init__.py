"""Pages about customers, their people and the territory that they are in."""
