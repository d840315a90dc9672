"""Reading: the only layer that queries the database for numbers. It answers with numbers, or says why there are none."""
