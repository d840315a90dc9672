"""`python -m tests.collector.fire_and_forget`: a collector that promises what it cannot keep, served as the real one is."""

from collector.__main__ import checked_settings, serve

if __name__ == "__main__":
    serve("tests.collector.fire_and_forget_app:app", checked_settings())
