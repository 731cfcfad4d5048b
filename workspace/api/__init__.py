"""What stands beside things, lists and own fields over the API."""
