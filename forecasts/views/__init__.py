"""Pages of forecasts: calls and their accuracy, and what moved in the pipeline."""
