"""`segment-analytics-python`, or `rudder-sdk-python` whose calls are the same, as their documentation shows them.

Arguments: module, address, key, count, gzip or plain.
"""

import sys
from importlib import import_module

module, address, key, count, packing = sys.argv[1:]
errors = []
client = import_module(module).Client(
    key, host=address, gzip=packing == "gzip", on_error=lambda error, items: errors.append(error)
)
for number in range(int(count)):
    client.track(f"u-{number}", "Product Viewed", {"price": 12.5, "name": "Tee, grün"})
client.identify("u-identify", {"plan": "gold"})
client.page("u-page", "docs", "Start", {"path": "/"})
client.screen("u-screen", "app", "Home")
client.group("u-group", "g-1", {"name": "Tea & Co"})
client.alias("u-before", "u-alias")
client.flush()
client.join()
sys.exit(str(errors[0]) if errors else 0)
