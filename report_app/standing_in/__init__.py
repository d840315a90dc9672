"""While the main database is away, a backup of it is read instead, and nothing is written."""
