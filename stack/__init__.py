"""The whole platform as real processes on one machine, and the operator's commands."""
