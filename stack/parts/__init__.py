"""The parts of the platform: how each one is configured, started and asked whether it is well."""
