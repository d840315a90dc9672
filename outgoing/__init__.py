"""What leaves the platform for somebody else's server: guarded posts, and mail."""
