"""Input about what is sold, and at which price."""
