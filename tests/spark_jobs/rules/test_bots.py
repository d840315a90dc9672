"""Bots: browsers' messages whose agent the list knows; never orders, never server SDKs."""

import re
from itertools import product

from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from pyspark.sql import functions as F

from contracts.events import ORDER_EVENTS
from spark_jobs.rules.bots import BROWSER_FORM, BROWSER_LIBRARIES, is_bot
from tests.spark_jobs.samples import evaluated

BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.10 Version/12.16",
]


def in_spark(spark, rows):
    column = is_bot(F.col("event"), F.col("library"), F.col("agent"))
    return [row["bot"] for row in evaluated(spark, "event string, library string, agent string", rows, {"bot": column})]


def test_only_browsers_messages_are_looked_at(spark):
    libraries = (*BROWSER_LIBRARIES, "analytics-python", "analytics-node", "footfall import", "", None)
    found = in_spark(spark, [(None, library, BOT) for library in libraries])
    assert found == [library in BROWSER_LIBRARIES for library in libraries]


def test_orders_are_never_bots(spark):
    events = [*map(str, ORDER_EVENTS), "Product Viewed", "Wish List Opened", None]
    found = in_spark(spark, [(event, "footfall.js", BOT) for event in events])
    assert found == [event not in ORDER_EVENTS for event in events]


def test_no_agent_is_no_bot(spark):
    assert in_spark(spark, [(None, "footfall.js", None), (None, "footfall.js", "")]) == [False, False]


def test_browsers_are_no_bots(spark):
    assert in_spark(spark, [(None, "footfall.js", agent) for agent in BROWSERS]) == [False] * len(BROWSERS)


def test_one_expression_finds_what_the_lists_patterns_find(spark):
    patterns = [re.compile(entry["pattern"]) for entry in CRAWLER_USER_AGENTS_DATA]
    agents = sorted({agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry["instances"][:2]})
    found = in_spark(spark, [(None, "footfall.js", agent) for agent in agents])
    expected = [any(pattern.search(agent) for pattern in patterns) for agent in agents]
    assert found == expected and sum(found) > 500


def test_no_pattern_of_the_list_matches_an_agent_of_the_plain_form():
    systems = (
        "Windows NT 10.0; Win64; x64",
        "X11; Linux x86_64",
        "Linux; Android 10; K",
        "Linux; Android 13; SAMSUNG SM-A515F",
    )
    engines = ("AppleWebKit/537.36 (KHTML, like Gecko)", "Gecko/20100101")
    parts = (
        "Chrome/142.0.0.0 Safari/537.36",
        "Firefox/144.0",
        "Chrome/1.0 Mobile Safari/1 Edg/1 OPR/1",
        "Version/1 Mobile/15E148",
    )
    agents = [f"Mozilla/5.0 ({a}) {b} {c}" for a, b, c in product(systems, engines, parts)]
    assert all(re.search(BROWSER_FORM, agent) for agent in agents)
    patterns = [entry["pattern"] for entry in CRAWLER_USER_AGENTS_DATA]
    assert [(agent, pattern) for agent in agents for pattern in patterns if re.search(pattern, agent)] == []
