"""What a reader sees: readings turned into words and formatted numbers. Pure; no query is made here."""
