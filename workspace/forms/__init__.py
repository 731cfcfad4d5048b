"""Input about invitations, approvals, stand-ins and choices."""
