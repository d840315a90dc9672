"""A damaged report becomes a ticket, and many viewers make one request."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from contracts.names import Collection, Topic
from contracts.reports import Family, report_id
from contracts.tickets import MOST_ATTEMPTS
from report_app.tickets import ordering
from report_app.tickets.publishing import RequestPublisher
from stack.waiting import wait_until
from tests.report_app.documents import NOW, Archive, commit_batch, local_hour, merchant, product, products, user
from tests.report_app.test_overview import card, words

SCHEMA = json.loads((Path(__file__).parents[2] / "contracts" / "schemas" / "request.json").read_text())
HOUR, LATER = "2026-11-23T09:00Z", "2026-11-23T10:00Z"
HOURS, DAY = "nordlicht/1/hour/2026-11-23", "nordlicht/1/day/2026-11-23"


@pytest.fixture
def archive(database):
    database[Collection.MERCHANTS].insert_one(merchant())
    database[Collection.USERS].insert_one(user())
    commit_batch(database, NOW - timedelta(seconds=9))
    archive = Archive(database)
    fill(archive)
    archive.day(local_hour("2026-11-23 10").date(), products(product("p", name="Lamp", revenue=3000)))
    return archive


def fill(archive):
    for hour in ("2026-11-23 10", "2026-11-23 11"):
        archive.hours(local_hour(hour), ["a", "b"], page_views=5, orders=2, goods=3000)


@pytest.fixture(scope="session")
def requests_topic(kafka_broker):
    admin = AdminClient({"bootstrap.servers": kafka_broker})
    for made in admin.create_topics([NewTopic(Topic.REPORT_REQUESTS, 1, 1)]).values():
        made.exception(20)
    assert wait_until(lambda: Topic.REPORT_REQUESTS in admin.list_topics(timeout=10).topics, 20)
    return kafka_broker


@pytest.fixture
def topic(requests_topic, app):
    """What was requested since the test began."""
    app.extensions[ordering.EXTENSION] = RequestPublisher(requests_topic, 20)
    consumer = Consumer({"bootstrap.servers": requests_topic, "group.id": "tests"})
    place = TopicPartition(Topic.REPORT_REQUESTS, 0)
    start = consumer.get_watermark_offsets(place, timeout=20)[1]

    def read():
        end = consumer.get_watermark_offsets(place, timeout=20)[1]
        consumer.assign([TopicPartition(Topic.REPORT_REQUESTS, 0, start)])
        values = []
        while len(values) < end - start:
            values += [json.loads(one.value()) for one in consumer.consume(1, timeout=20)]
        return values

    yield read
    consumer.close()


@pytest.fixture
def page(archive, sign_in):
    visitor = sign_in()

    def get(query="range=7d", path="/shops/nordlicht/"):
        answer = visitor.get(f"{path}?{query}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)

    return get


def ticket(database, id_=HOURS):
    return database[Collection.TICKETS].find_one({"_id": id_})


def set_ticket(database, id_=HOURS, **fields):
    assert database[Collection.TICKETS].update_one({"_id": id_}, {"$set": fields}).matched_count == 1


def change(database, family, **fields):
    id_ = report_id("nordlicht", 1, family, "2026-11-23")
    assert database[Collection.REPORTS].update_one({"_id": id_}, {"$set": fields}).matched_count == 1


def delete(database, family):
    database[Collection.REPORTS].delete_one({"_id": report_id("nordlicht", 1, family, "2026-11-23")})


def swap(database):
    """The hour of another shop, whole and with its own checksum."""
    Archive(database, "other").hours(local_hour("2026-11-23 10"), orders=1, goods=999_900)
    stranger = database[Collection.REPORTS].find_one({"_id": report_id("other", 1, Family.SALES, "2026-11-23")})
    change(database, Family.SALES, **{f"hours.{HOUR}": stranger["hours"][HOUR]})


DAMAGES = {
    "flipped": lambda db: change(db, Family.SALES, **{f"hours.{HOUR}.content.converted.sales": 999_900}),
    "field gone": lambda db: db[Collection.REPORTS].update_one(
        {"family": "sales", "merchant": "nordlicht"}, {"$unset": {f"hours.{HOUR}.content.orders": 1}}
    ),
    "wrong type": lambda db: change(db, Family.SALES, **{f"hours.{HOUR}.content": [999_900]}),
    "of another shop": swap,
    "wrong schema": lambda db: change(db, Family.SALES, schema=2),
    "unreadable hours": lambda db: change(db, Family.SALES, hours="999900"),
    "receipt gone": lambda db: change(db, Family.SALES, **{f"hours.{HOUR}.receipt": {}}),
    "deleted": lambda db: delete(db, Family.SALES),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_kind_of_damage_becomes_a_ticket_and_then_the_number(page, database, archive, topic, damage):
    before = card(page(), "net_sales")
    DAMAGES[damage](database)
    html = page()
    assert "This number is being computed again." in card(html, "net_sales")
    assert "9,999" not in words(html)
    assert "Requested Numbers of Mon 23 Nov were damaged or missing." in words(html)
    (request,) = topic()
    jsonschema.validate(request, SCHEMA)
    assert request["kind"] == ("missing" if damage == "deleted" else "damaged")
    assert {one["key"] for one in request["scopes"]} >= {HOUR, LATER}
    assert ticket(database)["request_id"] == request["request_id"]
    delete(database, Family.SALES)
    fill(archive)
    assert card(page(), "net_sales") == before


def test_a_day_report_has_a_ticket_of_its_own(page, database, topic):
    delete(database, Family.PRODUCTS)
    assert "Requested Numbers of Mon 23 Nov" in words(page(path="/shops/nordlicht/products"))
    (request,) = topic()
    assert (request["kind"], request["scopes"]) == ("missing", [{"group": "day", "key": "2026-11-23"}])


def test_a_download_requests_what_it_lacks(sign_in, archive, database, topic):
    delete(database, Family.PRODUCTS)
    assert sign_in().get("/shops/nordlicht/products.csv?range=7d").status_code == 503
    assert len(topic()) == 1


def test_many_viewers_make_one_request(app, archive, database, sign_in, topic):
    cookie = sign_in().get_cookie("footfall").value
    delete(database, Family.SALES)
    delete(database, Family.PRODUCTS)

    def look(_):
        visitor = app.test_client()
        visitor.set_cookie("footfall", cookie)
        return visitor.get("/shops/nordlicht/?range=7d").status_code

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(look, range(24))) == [200] * 24
    published = [{one["key"] for one in request["scopes"]} for request in topic()]
    assert sum(len(keys) for keys in published) == len(set().union(*published)) == 3


def test_a_whole_page_of_numbers_requests_nothing(page, database, topic):
    page()
    assert topic() == []
    assert database[Collection.TICKETS].count_documents({}) == 0


def test_while_a_scope_is_due_nothing_is_requested(page, database, topic):
    delete(database, Family.SALES)
    for key in (HOUR, LATER):
        database[Collection.DUE_SCOPES].insert_one({"_id": f"nordlicht/hour/{key}", "scope": key})
    assert "This number is being computed." in card(page(), "net_sales")
    assert topic() == []


def test_without_kafka_the_ticket_says_so_and_a_later_view_tries_again(app, page, database, clock, requests_topic):
    delete(database, Family.SALES)
    assert "could not be handed over yet" in words(page())
    assert ticket(database)["published_at"] is None
    app.extensions[ordering.EXTENSION] = RequestPublisher(requests_topic, 20)
    assert "could not be handed over yet" in words(page())
    clock.now += timedelta(seconds=16)
    assert "Requested at 24 Nov, 14:33:04" in words(page())


def test_a_ticket_says_how_far_it_is_and_how_long_it_takes(page, database, topic):
    delete(database, Family.SALES)
    page()
    earlier = {
        "_id": "x",
        "state": "ready",
        "published_at": NOW - timedelta(seconds=42),
        "ready_at": NOW,
        "changed_at": NOW,
    }
    database[Collection.TICKETS].insert_one(earlier)
    set_ticket(database, state="running", running_at=NOW + timedelta(seconds=4))
    text = words(page())
    assert (
        "Running Numbers of Mon 23 Nov were damaged or missing. They are being computed since 24 Nov, 14:32:52." in text
    )
    assert "Requested at 24 Nov, 14:32:48; that usually takes about 40 seconds." in text
    set_ticket(database, state="ready", ready_at=NOW, changed_at=NOW)
    assert "Ready Numbers of Mon 23 Nov" in words(page())


def test_what_did_not_come_is_requested_again_and_after_three_attempts_it_says_so(page, database, clock, topic):
    delete(database, Family.SALES)
    page()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        set_ticket(database, state="ready", attempts=attempt, ready_at=clock.now, changed_at=clock.now)
        clock.now += timedelta(seconds=30)
        assert "Requested" in words(page())
        assert (ticket(database)["attempts"], ticket(database)["published_at"]) == (attempt, clock.now)
    set_ticket(database, state="failed", failure="attempts", changed_at=clock.now)
    html = page()
    assert "This number could not be computed again." in card(html, "net_sales")
    assert "Failed Numbers of Mon 23 Nov were damaged or missing. Three attempts did not bring them." in words(html)
    assert not re.search(r"\d", card(html, "net_sales"))
    assert len(topic()) == MOST_ATTEMPTS + 1
    clock.now += timedelta(days=1)
    page("from=2026-11-23&to=2026-11-23")
    assert (ticket(database)["state"], ticket(database)["attempts"]) == ("requested", 0)


def test_what_is_older_than_the_shop_keeps_is_said_and_not_tried_again(page, database, clock):
    delete(database, Family.SALES)
    page()
    set_ticket(database, state="failed", failure="frozen")
    clock.now += timedelta(days=2)
    text = words(page("from=2026-11-23&to=2026-11-23"))
    assert "older than this shop keeps its messages" in text
    assert ticket(database)["state"] == "failed"


def test_a_request_that_nothing_came_of_is_published_again(page, database, clock, topic):
    delete(database, Family.SALES)
    page()
    clock.now += timedelta(minutes=31)
    page()
    assert (len(topic()), ticket(database)["attempts"]) == (2, 0)


def test_an_hour_has_a_quota(page, database, clock, topic):
    delete(database, Family.SALES)
    for _ in range(8):
        page()
        set_ticket(database, state="ready", attempts=0, changed_at=clock.now - timedelta(seconds=20))
    assert len(topic()) == 5
    assert "could not be handed over yet" in words(page())
    clock.now += timedelta(hours=1)
    page()
    assert len(topic()) == 6


def test_a_person_asks_for_days_again_and_the_audit_knows_who(sign_in, archive, database, topic):
    visitor = sign_in()
    assert "Compute these days again" in visitor.get("/shops/nordlicht/settings").get_data(as_text=True)
    answer = visitor.post("/shops/nordlicht/rebuilds", data={"from": "2026-11-20", "to": "2026-11-24"})
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/shops/nordlicht/quality?from=2026-11-20&to=2026-11-24",
    )
    text = words(visitor.get(answer.headers["Location"]).get_data(as_text=True))
    assert "Requested Numbers of Mon 23 Nov were asked for again." in text
    (request,) = topic()
    jsonschema.validate(request, SCHEMA)
    assert (request["kind"], len(request["scopes"])) == ("asked", 3)
    (entry,) = database[Collection.AUDIT].find({}, {"_id": 0})
    assert entry == {
        "at": NOW.replace(microsecond=0),
        "who": "anna@example.com",
        "merchant": "nordlicht",
        "action": "rebuild_asked",
        "first": "2026-11-20",
        "last": "2026-11-24",
        "tickets": 2,
    }


def test_asking_has_a_quota_a_token_and_no_other_shop(app, sign_in, archive, database):
    visitor, days = sign_in(), {"from": "2026-11-23", "to": "2026-11-23"}
    assert visitor.post("/shops/other/rebuilds", data=days).status_code == 404
    assert visitor.post("/api/v1/shops/other/rebuilds", json=days).status_code == 404
    statuses = [visitor.post("/shops/nordlicht/rebuilds", data=days).status_code for _ in range(6)]
    assert statuses == [303] * 5 + [429]
    refused = visitor.post("/api/v1/shops/nordlicht/rebuilds", json=days)
    assert (refused.status_code, refused.json["code"]) == (429, "quota")
    assert database[Collection.AUDIT].count_documents({}) == 5
    app.config["WTF_CSRF_ENABLED"] = True
    assert visitor.post("/shops/nordlicht/rebuilds", data=days).status_code == 400
    assert visitor.post("/api/v1/shops/nordlicht/rebuilds", json=days).json["code"] == "stale_form"


def test_the_api_asks_and_tells(sign_in, archive, database, topic):
    visitor = sign_in()
    answer = visitor.post("/api/v1/shops/nordlicht/rebuilds", json={"range": "yesterday"})
    assert (answer.status_code, len(topic())) == (202, 1)
    found = {one["ticket"]: (one["state"], one["is_handed_over"], one["kind"]) for one in answer.json["tickets"]}
    assert found == {HOURS: ("requested", True, "asked"), DAY: ("requested", True, "asked")}
    told = visitor.get("/api/v1/shops/nordlicht/tickets").json["tickets"]
    assert {one["ticket"] for one in told} == {HOURS, DAY}
    delete(database, Family.SALES)
    body = visitor.get("/api/v1/shops/nordlicht/overview?range=7d").json
    assert (body["figures"]["orders"]["value"], body["tickets"][0]["ticket"]) == (None, HOURS)


@pytest.mark.parametrize("body", [None, [], 7, "text", {"from": 7}, {"from": "yesterday"}, {"range": "fortnight"}])
def test_odd_bodies_are_refused(sign_in, archive, body):
    answer = sign_in().post("/api/v1/shops/nordlicht/rebuilds", json=body)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_range")
