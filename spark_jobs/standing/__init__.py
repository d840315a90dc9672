"""A driver that works on one batch after another."""
