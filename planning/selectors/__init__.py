"""What hangs on people."""
