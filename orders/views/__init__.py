"""The pages of orders and of the ledger."""
