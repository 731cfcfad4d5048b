"""What a table is checked against, how its cells are read, what the samples show, and the imports that there were."""
