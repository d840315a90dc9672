"""The job that keeps the archive small."""
