"""Measurements of the running stack: `python -m bench` prints them as tables and writes docs/bench.md."""
