"""The job that makes an archive from its copy."""
