"""A report that is missing or damaged orders itself anew: one ticket a day and group, one request for many viewers."""
