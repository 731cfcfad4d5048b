"""What is asked for on the pages of orders, and how it is read."""
