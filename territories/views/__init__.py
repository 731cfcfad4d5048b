"""Pages about the tree, its seats, people and their own settings."""
