"""Pages of people who leave and come back."""
