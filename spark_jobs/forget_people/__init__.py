"""The job that forgets people."""
