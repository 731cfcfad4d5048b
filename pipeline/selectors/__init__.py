"""What screens need to know of deals and activities."""
