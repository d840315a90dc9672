"""Webhooks: an outbox of ready messages, and the posts that empty it."""
