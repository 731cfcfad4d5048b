"""What screens need to know of messages, invitations, approvals and lists."""
