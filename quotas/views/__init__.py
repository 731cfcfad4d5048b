"""Pages of attainment, quotas and runs."""
