"""What the home pages and the search join from the apps."""
