"""What a replay sends for one message of the inbox. Pure: a rehearsal asks the same question."""

from contracts.inbox import SENT_AGAIN, SHOP_RULE
from repairs.copies import Copy
from repairs.failures import Failure
from repairs.json_text import written
from repairs.shop_rules import ShopRule, applied


def replayed(failure: Failure, rule: ShopRule | None, order: str | None) -> Copy | None:
    """The message through the rule, or as it is without one; None where there is no message, or the rule does not fit it."""
    if failure.envelope is None or failure.message is None:
        return None
    message = failure.message if rule is None else applied(rule, failure.message)
    if message is None:
        return None
    name = SENT_AGAIN if rule is None else SHOP_RULE
    return Copy(failure.arrival, failure.attempt + 1, failure.envelope, written(message), name, order)
