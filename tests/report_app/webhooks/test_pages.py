"""A person adds, tests and removes webhooks; strangers find none."""

import re

from contracts.names import Collection
from contracts.webhooks import MOST_WEBHOOKS
from report_app.services import outside
from tests.loops import beside
from tests.report_app.documents import PASSWORD

LIST = "/shops/nordlicht/webhooks"


def added(shop, url="https://shop.example/footfall?key=hidden"):
    """(path of the page, secret as it was shown)"""
    page = shop.post(LIST, data={"url": url})
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    text = page.get_data(as_text=True)
    return re.search(LIST + r"/[0-9a-f]{20}", text)[0], re.search(r"whsec_[\w-]{43}", text)[0]


def test_a_secret_is_shown_once_and_not_kept(shop, database):
    path, secret = added(shop)
    assert secret not in shop.get(path).get_data(as_text=True)
    renewed = shop.post(path, data={"action": "secret"}).get_data(as_text=True)
    assert re.search(r"whsec_[\w-]{43}", renewed)[0] != secret
    for name in (Collection.WEBHOOKS, Collection.AUDIT, Collection.WEBHOOK_DELIVERIES):
        assert "whsec" not in str(list(database[name].find())), name


def test_every_decision_is_recorded_with_who_made_it(shop, database):
    path, _ = added(shop)
    for action in ("test", "secret", "off", "on", "remove"):
        assert shop.post(path, data={"action": action}).status_code in (200, 303), action
    entries = list(database[Collection.AUDIT].find({"merchant": "nordlicht"}))
    assert {entry["who"] for entry in entries} == {"anna@example.com"}
    assert sorted(entry["action"].removeprefix("webhook_") for entry in entries) == sorted(
        ["created", "tested", "secret_renewed", "switched_off", "switched_on", "removed"]
    )
    assert "hidden" not in str(entries)
    assert shop.get(path).status_code == 404
    assert database[Collection.WEBHOOK_DELIVERIES].count_documents({}) == 0


def test_the_log_shows_attempts_and_a_button(shop, receiver, add, courier, say_ready):
    id_, _ = add(receiver.url)
    receiver.answers = [(418, {})]
    say_ready()
    beside(courier.deliver_one)
    text = shop.get(f"{LIST}/{id_}").get_data(as_text=True)
    assert "The answer was 418." in text and "41/nordlicht" in text and "Failing" in text
    shop.post(f"{LIST}/{id_}", data={"action": "test"})
    beside(courier.deliver_one)
    assert "Send the one of" in shop.get(f"{LIST}/{id_}").get_data(as_text=True)


def test_an_address_that_cannot_be_is_said_so(shop, database):
    for url in ("http://shop.example/", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "javascript:1"):
        page = shop.post(LIST, data={"url": url})
        assert page.status_code == 400, url
        assert 'role="alert"' in page.get_data(as_text=True)
        answer = shop.post(f"/api/v1{LIST}", json={"url": url})
        assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "bad_webhook", "url")
    assert database[Collection.WEBHOOKS].count_documents({}) == 0


def test_a_body_that_names_no_address(shop, database):
    more = {"url": "https://a.example", "state": "on"}
    for body in (None, [], {}, {"url": 1}, {"url": {"$gt": ""}}, more):
        assert shop.post(f"/api/v1{LIST}", json=body).status_code == 400, body
    assert database[Collection.WEBHOOKS].count_documents({}) == 0


def test_a_shop_has_so_many_webhooks_and_so_many_actions_an_hour(shop, database, app):
    for number in range(MOST_WEBHOOKS):
        path, _ = added(shop, f"https://shop.example/{number}")
    assert shop.post(LIST, data={"url": "https://shop.example/"}).status_code == 400
    most = outside(app).settings.webhook_actions_per_hour
    statuses = [shop.post(path, data={"action": "test"}).status_code for _ in range(most - MOST_WEBHOOKS + 1)]
    assert statuses == [303] * (most - MOST_WEBHOOKS) + [429]


def test_another_shops_webhooks_do_not_exist(app, shop, add, say_ready, database):
    id_, _ = add("https://shop.example/")
    say_ready()
    delivery = database[Collection.WEBHOOK_DELIVERIES].find_one()["_id"]
    stranger = app.test_client()
    stranger.post("/sign-in", data={"email": "otto@example.com", "password": PASSWORD})
    for merchant in ("nordlicht", "other"):
        one = f"/shops/{merchant}/webhooks/{id_}"
        again = f"{one}/deliveries/{delivery}"
        asked = [stranger.get(one), stranger.get(f"/api/v1{one}"), stranger.get(f"/api/v1{one}/deliveries")]
        asked += [stranger.post(one, data={"action": action}) for action in ("test", "secret", "off", "on", "remove")]
        asked += [stranger.post(f"/api/v1{one}/{action}") for action in ("test", "secret", "off", "on")]
        asked += [stranger.post(again), stranger.post(f"/api/v1{again}"), stranger.delete(f"/api/v1{one}")]
        assert {answer.status_code for answer in asked} == {404}
    own = stranger.post("/api/v1/shops/other/webhooks", json={"url": "https://other.example/"}).json["webhook"]["id"]
    assert stranger.post(f"/api/v1/shops/other/webhooks/{own}/deliveries/{delivery}").status_code == 404
    assert stranger.get("/api/v1/shops/nordlicht/webhooks").status_code == 404
    assert stranger.get("/shops/nordlicht/webhooks").status_code == 404
    assert database[Collection.WEBHOOKS].count_documents({"merchant": "nordlicht", "state": "on"}) == 1


def test_who_is_not_signed_in_and_a_form_without_its_token_do_nothing(shop, app, database, add):
    id_, _ = add("https://shop.example/")
    assert app.test_client().post(f"/api/v1{LIST}/{id_}/test").status_code == 401
    app.config["WTF_CSRF_ENABLED"] = True
    answers = [shop.post(f"{LIST}/{id_}", data={"action": "remove"}), shop.delete(f"/api/v1{LIST}/{id_}")]
    assert {answer.status_code for answer in answers} == {400}
    assert database[Collection.WEBHOOKS].count_documents({}) == 1
