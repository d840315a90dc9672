"""What every number means: one sentence for its receipt, and the full rule. `docs/numbers.md` is printed from here.

make docs
"""

from dataclasses import dataclass

from contracts.reports import DEFINITION_VERSION


@dataclass(frozen=True, slots=True)
class Definition:
    key: str
    name: str
    sentence: str
    rules: tuple[str, ...]


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "net_sales",
        "Net sales",
        "Sales less refunds and cancelled orders, before tax and shipping.",
        (
            "Net sales = sales − refunds − cancelled.",
            (
                "A sale counts in the hour its order was completed; a refund and a cancellation in the hour they happened. "
                "So a day with more refunds than sales is below zero."
            ),
            (
                "Refunds are the goods part of what was paid back, never more than the order's goods in all. Cancelled is "
                "the goods of the order that were not refunded before."
            ),
        ),
    ),
    Definition(
        "sales",
        "Sales",
        "The value of the goods in completed orders: after discounts, before tax and shipping.",
        (
            (
                "Taken from the order: total − tax − shipping when all three are there; else revenue; else subtotal; else "
                "total less whichever of tax and shipping is there; else the lines less the discount."
            ),
            (
                "An order counts once, however often it is sent. The first Order Completed gives its hour; the latest "
                "Order Updated replaces its amounts there."
            ),
            "Gross − discounts − refunds and cancelled = net sales; with shipping and tax it is what customers paid.",
            (
                "Amounts in another currency are converted at the rate of the order's day, or the last one up to 7 days "
                "before. Without a rate they are shown in their own currency and added to nothing."
            ),
        ),
    ),
    Definition(
        "orders",
        "Orders",
        "Completed orders, each counted once in the hour it was completed, cancelled ones too.",
        (
            (
                "One order for each order id of a shop, across all days and visitors. A thank-you page opened again is not "
                "a second order."
            ),
            "A completed order without an id counts as an order of its own.",
        ),
    ),
    Definition(
        "average_order",
        "Average order",
        "Sales divided by orders, both by the hour the order was completed.",
        (
            (
                "Sales are those before refunds and cancellations. Orders whose amounts have no exchange rate are left out "
                "of both sides."
            ),
        ),
    ),
    Definition(
        "visitors",
        "Visitors",
        "Distinct browsers or devices that sent a page view or another action: browsers, not people.",
        (
            "Counted by anonymousId of page, screen and track messages. Somebody with a phone and a laptop is two.",
            (
                "Exact for a single hour. Several hours are united from sketches (HyperLogLog, 4,096 registers): such a "
                "figure carries ≈, has three digits, and is within 3% in 19 of 20 cases."
            ),
            "Messages without an id (cookieless) count in page views and orders, not in visitors.",
        ),
    ),
    Definition(
        "page_views",
        "Page views",
        "Page and screen messages that were counted, and nothing else.",
        ("Looking at a product sends its own message beside the page view; it is not a second page view.",),
    ),
    Definition(
        "products",
        "Products",
        "Views, ordered units and sales of each product, by the day they happened.",
        (
            "A product is known by its product_id, else its sku, else its id. Its name is the latest that was sent.",
            (
                "Views are Product Viewed messages. Units and sales are those of completed orders, by the order's day, "
                "before refunds. An order's discount is spread over its lines."
            ),
            (
                "What an order's lines do not explain stands as “not on a product”. The bar is the product's share of all "
                "sales in the table, that part included."
            ),
            (
                "A day keeps its 1,000 largest products by sales, then views. “At least” marks a product that may be among "
                "the rest on some day."
            ),
        ),
    ),
    Definition(
        "received",
        "Messages received",
        "Everything that reached us for these hours, each arrival once.",
        (
            (
                "Received and returned (repaired messages that came back) = counted + copies + bots + could not be used. "
                "What is left over would be “not accounted for”."
            ),
            "A message belongs to the hour in which it happened, not in which it arrived.",
        ),
    ),
    Definition(
        "accepted",
        "Counted",
        "Messages that are in the numbers.",
        ("Of any type: page views, actions, orders, and messages that say who a visitor is.",),
    ),
    Definition(
        "duplicate",
        "Copies of messages already counted",
        "Messages with the id and the time of one that was counted already.",
        ("SDKs send again when they are not sure. Of copies, the one received first counts.",),
    ),
    Definition(
        "bot",
        "Bots, kept apart",
        "Messages of browsers that say they are robots.",
        ("Orders are never bots, nor are messages that a shop's server sends.",),
    ),
    Definition(
        "rejected",
        "Could not be used",
        "Messages that are malformed; each is kept with its original bytes and a code that says why.",
        ("They are in no other number. The other messages of the same request are not affected.",),
    ),
    Definition(
        "books",
        "Books",
        "What became of every message, hour by hour, in two sums that must come out even.",
        (
            (
                "Received + returned = counted + copies + bots + could not be used; and could not be used = waiting + "
                "repaired + dropped, each taken from the error inbox. What is left over is “not accounted for”."
            ),
            (
                "Waiting: in the error inbox, also while a repaired copy is on the road or a person has to decide. "
                "Repaired: a repaired copy was accepted; that copy stands under returned, in the hour where it counts. "
                "Dropped: somebody decided to leave the message out."
            ),
            (
                "The inbox is filled some seconds after the numbers. Until everything that was rejected before an hour's "
                "report was computed has had time to reach the inbox, a difference is shown as “on the way”. After that it is "
                "not accounted for."
            ),
            "A day adds up only if each of its hours does.",
        ),
    ),
    Definition(
        "changes",
        "Changed since the day was closed",
        "Numbers that were different when the day was first shown as complete.",
        (
            (
                "A day is closed once “complete until” has passed its end. Every change of a number after that is kept, with "
                "the number before and after, and why."
            ),
            (
                "Late: messages of the day that arrived after it was closed. Repaired: messages that could not be used at first "
                "came back. Refund: a refund, cancellation or update on a later day changed an order of this one. Rebuild: the "
                "report was computed again, for instance by newer rules. Forgotten: the shop had a person forgotten. Where "
                "several apply, the order of precedence is forgotten, rebuild, repaired, late, refund."
            ),
            "Counting the same messages again changes no number, and so leaves nothing here.",
        ),
    ),
    Definition(
        "late",
        "Late",
        "Counted messages that arrived more than an hour after they happened.",
        ("They are counted in the hour in which they happened, so that hour's numbers change when they arrive.",),
    ),
    Definition(
        "complete_until",
        "Complete until",
        "Everything that had reached us by this time is in the numbers.",
        ("Events that a phone holds back and sends later are added to their own hour when they arrive.",),
    ),
)
BY_KEY = {definition.key: definition for definition in DEFINITIONS}


def numbers_markdown() -> str:
    """The text of `docs/numbers.md`."""
    lines = [
        "# What the numbers mean",
        "",
        f"Definition version {DEFINITION_VERSION}. The pages, the API and the downloads name this version. This file is",
        "printed from `report_app/definitions.py`, which also feeds the page `/numbers`.",
    ]
    for definition in DEFINITIONS:
        lines += ["", f"## {definition.name}", "", definition.sentence, ""]
        lines += [f"- {rule}" for rule in definition.rules]
    return "\n".join(lines) + "\n"
