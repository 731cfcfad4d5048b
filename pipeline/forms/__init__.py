"""What is asked for on the pages of the pipeline, and how it is read."""
