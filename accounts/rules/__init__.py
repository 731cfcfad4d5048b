"""What is decided about accounts from values alone."""
