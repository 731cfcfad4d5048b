"""What programs may do with orders and ask about them."""
