"""Spark jobs: from ranges of a topic to the archive and the reports."""
