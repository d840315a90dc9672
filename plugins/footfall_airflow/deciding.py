"""What becomes of a failure: repaired, tried again later, dropped, or left to a person. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from contracts.errors import ErrorCode
from contracts.inbox import MOST_ATTEMPTS, SHOP_RULE
from repairs.failures import Failure
from repairs.json_text import written
from repairs.rules import repaired_by_rules
from repairs.shop_rules import Action, ShopRule, applied


class Fate(StrEnum):
    REPAIR = "repair"
    RETRY = "retry"
    PARK = "park"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Decision:
    """`text` is the repaired message, `rule` what repaired it; both are empty for other fates."""

    fate: Fate
    text: str = ""
    rule: str = ""


PARKED = Decision(Fate.PARK)


def decide(failure: Failure, shop_rule: ShopRule | None) -> Decision:
    """A person's rule for the cause comes before the built-in ones; after three attempts a person decides."""
    if shop_rule is not None and shop_rule.action is Action.DROP:
        return Decision(Fate.DROP)
    if failure.code == ErrorCode.UNKNOWN_MERCHANT:
        return Decision(Fate.RETRY)
    if failure.attempt >= MOST_ATTEMPTS or failure.envelope is None:
        return PARKED
    by_shop = applied(shop_rule, failure.message) if shop_rule is not None else None
    if by_shop is not None:
        return Decision(Fate.REPAIR, written(by_shop), SHOP_RULE)
    found = repaired_by_rules(failure.message, failure.code, failure.facts["field"])
    return PARKED if found is None else Decision(Fate.REPAIR, written(found.message), found.rule)
