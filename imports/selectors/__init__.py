"""What a table is checked against, what the samples show, and the imports that there were."""
