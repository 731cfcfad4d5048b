"""Pages of invitations, messages, approvals and stand-ins."""
