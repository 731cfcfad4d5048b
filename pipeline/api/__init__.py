"""The pipeline over the API."""
