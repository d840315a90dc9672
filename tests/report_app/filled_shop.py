"""A shop of nine weeks, always the same: what the browser tests and the screenshots look at."""

import random
from datetime import timedelta

from contracts.ledger import CAUGHT_UP
from contracts.names import Collection, Topic
from contracts.reports import LATENESS_EDGES_SECONDS, Family
from contracts.zones import hour_key, hours_of_day, local_date
from tests.report_app.documents import (
    NOW,
    commit_batch,
    identity,
    merchant,
    product,
    products,
    quality,
    restatement,
    sales,
    scope,
    traffic,
    user,
)

HOSTILE = "<img src=x onerror=\"document.title='taken'\">"
NAMES = (
    ("Merino base layer, women’s", 5250),
    ("Trail running vest 12 L", 8000),
    ("Gas stove, titanium", 4900),
    ("Down jacket “Skagen”", 23900),
    ("Dry bag set", 2900),
    ("Headlamp 400 lm", 4400),
    (HOSTILE, 1900),
    ("Insulated bottle with a very long name that nobody could ever read in one line of a phone", 2400),
    *[(f"Carabiner no. {n}", 900 + 13 * n) for n in range(1, 207)],
)
CLOCK = (1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 11, 11, 10, 9, 9, 10, 11, 13, 14, 13, 9, 5, 2)
WEEK = (0.9, 0.92, 0.95, 1.0, 1.15, 1.4, 1.3)


def fill(database, days=63):
    """Merchant, user, reports of `days` days up to NOW, calendar and watermark."""
    database[Collection.MERCHANTS].replace_one({"_id": "nordlicht"}, merchant(), upsert=True)
    database[Collection.USERS].replace_one({"_id": "anna@example.com"}, user(), upsert=True)
    commit_batch(database, NOW - timedelta(seconds=9))
    dice, reports, calendar = random.Random(7), [], {}
    today = local_date("Europe/Berlin", NOW)
    for back in range(days - 1, -1, -1):
        day = today - timedelta(days=back)
        size = WEEK[day.weekday()] * (1.12 if back < 28 else 1.0) * dice.uniform(0.9, 1.1)
        found = _day(dice, day, size, refund=back == 11)
        reports += found
        calendar.setdefault(f"{day:%Y-%m}", {})[f"{day:%d}"] = sorted(found[0]["hours"])
    database[Collection.REPORTS].insert_many(reports)
    _fill_inbox(database, reports)
    _fill_changes(database)
    database[Collection.CALENDAR].insert_many(
        {"_id": f"nordlicht/{month}", "merchant": "nordlicht", "month": month, "days": days}
        for month, days in calendar.items()
    )


def _fill_inbox(database, reports):
    """Every rejected message waits, and nothing is on its way any more."""
    filed = [
        {"merchant": "nordlicht", "event_hour": key, "status": "waiting", "code": code}
        for report in reports
        if report["family"] == Family.QUALITY
        for key, hour in report["hours"].items()
        for code, count in hour["content"]["rejected_by_code"].items()
        for _ in range(count)
    ]
    database[Collection.FAILED_EVENTS].insert_many(filed)
    database[Collection.PLATFORM].insert_one({"_id": CAUGHT_UP[Topic.ERRORS], "caught_up_at": NOW})


def _fill_changes(database):
    """Late messages brought two orders into the day before yesterday, a refund's update took some of it away."""
    ten = "2026-11-22T09:00Z"
    found = [
        restatement("late/traffic", Family.TRAFFIC, ten, [("page_views", 18, 25), ("visitors", 7, 9)]),
        restatement("late/sales", Family.SALES, ten, [("orders", 1, 3), ("converted.sales", 5250, 21150)]),
        restatement("refund", Family.SALES, ten, [("converted.sales", 21150, 18000)], reasons=["refund"]),
        restatement("late/products", Family.PRODUCTS, "2026-11-22", [("rows.sku-1.revenue", 8000, 24000)], more=3),
    ]
    database[Collection.RESTATEMENTS].insert_many(found)


def _day(dice, day, size, refund):
    """The day's four report documents."""
    hours = {family: {} for family in (Family.TRAFFIC, Family.SALES, Family.QUALITY)}
    sold = [product(f"sku-{n}", name=name) for n, (name, _) in enumerate(NAMES)]
    for place, start in enumerate(hours_of_day("Europe/Berlin", day)):
        if start >= NOW:
            break
        found = _hour(dice, start, size * CLOCK[place % 24] / 8, sold, refund and place == 11)
        for family, document in found.items():
            hours[family][hour_key(start)] = document
    for n, row in enumerate(sold):
        row["views"] = row["orders"] * dice.randint(9, 22) + dice.randint(0, 3)
        row["variant"] = "one size" if n % 3 == 0 else None
    day_sold = [row for row in sold if row["views"]]
    accepted = round(900 * size)
    content, counts = products(*day_sold), {"received": accepted, "accepted": accepted}
    whole = scope(Family.PRODUCTS, "nordlicht", day.isoformat(), content, **counts)
    documents = [identity(family, "nordlicht", day) | {"hours": found} for family, found in hours.items()]
    return [*documents, identity(Family.PRODUCTS, "nordlicht", day) | whole]


def _hour(dice, start, size, sold, refund):
    """The hour's scopes by family; `sold` takes its orders."""
    orders = sum(dice.random() < size * 0.22 for _ in range(5))
    goods = 0
    for _ in range(orders):
        n = min(int(dice.expovariate(0.45)), len(NAMES) - 1) if dice.random() < 0.85 else dice.randrange(len(NAMES))
        units = dice.choice((1, 1, 2))
        amount = units * NAMES[n][1]
        goods += amount
        sold[n]["orders"] += 1
        sold[n]["ordered_milli"] += 1000 * units
        sold[n]["revenue"] += amount
    views = round(size * dice.uniform(36, 48))
    visitors = [f"{dice.randrange(26_000)}" for _ in range(max(1, round(views / 2.6)))]
    copies, bots, bad = dice.random() < 0.3, dice.randint(0, 2), dice.random() < 0.02
    events = views + orders * 4
    counts = {
        "received": events + copies + bots + bad,
        "accepted": events,
        "duplicate": int(copies),
        "bot": bots,
        "rejected": int(bad),
    }
    computed = {"computed_at": (start + timedelta(minutes=32, seconds=41)).strftime("%Y-%m-%dT%H:%M:%SZ")}
    content, extra = traffic(visitors, events=events, page_views=views, cookieless=views // 20)
    amounts = {"sales": goods, "discount": goods // 12, "refunds": 290000 if refund else goods // 30}
    lateness = [events - 3, 2, 1, *[0] * (len(LATENESS_EDGES_SECONDS) - 2)]
    codes = {dice.choice(("bad_currency", "no_event_name")): 1} if bad else {}
    contents = {
        Family.TRAFFIC: (content, extra),
        Family.SALES: (sales(amounts=amounts, orders=orders, units_milli=1000 * orders), {}),
        Family.QUALITY: (quality(lateness=lateness, rejected_by_code=codes, late=int(copies), **counts), {}),
    }
    return {
        family: scope(family, "nordlicht", hour_key(start), content, extra, **counts, **computed)
        for family, (content, extra) in contents.items()
    }
