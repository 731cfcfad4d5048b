"""What becomes of quota and of open work when somebody or something moves."""
