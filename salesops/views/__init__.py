"""Home pages by role, and the pages that join what several apps have."""
