"""What pages ask of orders and of the ledger: one function is one answer."""
