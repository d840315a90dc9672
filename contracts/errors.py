"""Error codes of messages: what happened, and what the shop's developer does about it."""

from dataclasses import dataclass
from enum import StrEnum


class ErrorCode(StrEnum):
    # found by the collector
    BAD_JSON = "bad_json"
    BAD_UTF8 = "bad_utf8"
    NOT_AN_OBJECT = "not_an_object"
    NO_BATCH = "no_batch"
    TOO_LARGE = "too_large"
    # found by the job
    BAD_ENVELOPE = "bad_envelope"
    UNKNOWN_MERCHANT = "unknown_merchant"
    UNKNOWN_TYPE = "unknown_type"
    NO_EVENT_NAME = "no_event_name"
    BAD_ID = "bad_id"
    BAD_PROPERTIES = "bad_properties"
    BAD_TIME = "bad_time"
    TOO_OLD = "too_old"
    NEEDS_SERVER_KEY = "needs_server_key"
    NO_ORDER_ID = "no_order_id"
    TOO_MANY_ORDER_EVENTS = "too_many_order_events"
    BAD_AMOUNT = "bad_amount"
    NEGATIVE_AMOUNT = "negative_amount"
    AMOUNT_TOO_LARGE = "amount_too_large"
    BAD_CURRENCY = "bad_currency"
    BAD_QUANTITY = "bad_quantity"
    BAD_PRODUCTS = "bad_products"
    # a batch, not a message
    BATCH_FAILED = "batch_failed"


@dataclass(frozen=True, slots=True)
class Explanation:
    sentence: str
    fix: str


EXPLANATIONS: dict[ErrorCode, Explanation] = {
    ErrorCode.BAD_JSON: Explanation("The body is not JSON.", "Send a JSON object as the SDKs do."),
    ErrorCode.BAD_UTF8: Explanation("The body is not UTF-8 text.", "Encode the request as UTF-8."),
    ErrorCode.NOT_AN_OBJECT: Explanation("The message is not a JSON object.", "Send one object for each message."),
    ErrorCode.NO_BATCH: Explanation("The body has no list of messages.", "Send `batch` as a list of messages."),
    ErrorCode.TOO_LARGE: Explanation(
        "A message is larger than 32 KB, or a request larger than 500 KB or 2,500 messages.",
        "Send fewer or shorter properties, or smaller batches.",
    ),
    ErrorCode.BAD_ENVELOPE: Explanation(
        "Bytes in the topic are not an envelope of ours.", "Send messages through the collector."
    ),
    ErrorCode.UNKNOWN_MERCHANT: Explanation("No such shop exists.", "Create the shop, or use its own write key."),
    ErrorCode.UNKNOWN_TYPE: Explanation(
        "The message's type is not one of Segment's.", "Use track, page, screen, identify, group or alias."
    ),
    ErrorCode.NO_EVENT_NAME: Explanation("A track message has no event name.", "Set `event`."),
    ErrorCode.BAD_ID: Explanation("An id is longer than 512 characters.", "Send a shorter id."),
    ErrorCode.BAD_PROPERTIES: Explanation("The properties are not an object.", "Send `properties` as a JSON object."),
    ErrorCode.BAD_TIME: Explanation("A time could not be read.", "Send times as ISO 8601 or as milliseconds."),
    ErrorCode.TOO_OLD: Explanation(
        "The event is older than this key may send.", "Send history with a server key, within the shop's retention."
    ),
    ErrorCode.NEEDS_SERVER_KEY: Explanation(
        "A page key may not change orders.", "Send order updates, refunds and cancellations with a server key."
    ),
    ErrorCode.NO_ORDER_ID: Explanation("The message has no order id.", "Set `properties.order_id`."),
    ErrorCode.TOO_MANY_ORDER_EVENTS: Explanation(
        "The order has more than 200 messages already.", "Send an order's changes together."
    ),
    ErrorCode.BAD_AMOUNT: Explanation("An amount is not a number.", "Send a plain number such as 12.50."),
    ErrorCode.NEGATIVE_AMOUNT: Explanation(
        "An amount, price or quantity is below zero.", "Send refunds as Order Refunded."
    ),
    ErrorCode.AMOUNT_TOO_LARGE: Explanation(
        "An amount, or an order's lines together, is above 10^15 minor units.", "Check the amount's unit."
    ),
    ErrorCode.BAD_CURRENCY: Explanation("The currency is not in ISO 4217.", "Send a code such as EUR."),
    ErrorCode.BAD_QUANTITY: Explanation("A quantity is not a number.", "Send a plain number such as 2."),
    ErrorCode.BAD_PRODUCTS: Explanation(
        "The product list could not be read.", "Send `products` as a list of objects, each with a product_id."
    ),
    ErrorCode.BATCH_FAILED: Explanation("A batch could not be processed.", "See the run's log."),
}
