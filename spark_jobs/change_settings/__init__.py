"""The job that changes the settings of shops."""
