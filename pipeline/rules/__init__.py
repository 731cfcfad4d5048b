"""What follows from values alone: stages, lines, coverage."""
