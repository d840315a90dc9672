"""`python -m bench.rivals.floor`: served as the collector is."""

from collector.__main__ import checked_settings, serve

if __name__ == "__main__":
    serve("bench.rivals.floor_app:app", checked_settings())
