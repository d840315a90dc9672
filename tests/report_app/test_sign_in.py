from datetime import timedelta

import pytest

from contracts.names import Collection
from report_app.accounts import hash_password
from report_app.attempts import MOST_BY_ADDRESS_AND_EMAIL
from tests.report_app.documents import PASSWORD, merchant, user


@pytest.fixture(autouse=True)
def shop(database):
    database[Collection.MERCHANTS].insert_many([merchant(), merchant(_id="other", name="Other")])
    database[Collection.USERS].insert_one(user())


def attempt(visitor, password=PASSWORD, address="/sign-in", email="anna@example.com"):
    return visitor.post(address, data={"email": email, "password": password})


def test_a_signed_in_user_with_one_shop_comes_to_its_overview(sign_in):
    visitor = sign_in("Anna@Example.com")
    assert visitor.get("/").headers["Location"] == "/shops/nordlicht/"


def test_pages_send_strangers_to_the_sign_in_and_back(visitor):
    answer = visitor.get("/shops/nordlicht/?range=7d")
    assert answer.headers["Location"] == "/sign-in?next=%2Fshops%2Fnordlicht%2F%3Frange%3D7d"
    assert attempt(visitor, address=answer.headers["Location"]).headers["Location"] == "/shops/nordlicht/?range=7d"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_never_leads_elsewhere(visitor, elsewhere):
    answer = visitor.post(
        "/sign-in", query_string={"next": elsewhere}, data={"email": "anna@example.com", "password": PASSWORD}
    )
    assert answer.headers["Location"] == "/shops/"


@pytest.mark.parametrize("email", ["anna@example.com", "nobody@example.com"])
def test_a_wrong_password_and_a_wrong_address_look_the_same(visitor, email):
    answer = attempt(visitor, "wrong password", email=email)
    assert answer.status_code == 401
    assert "do not fit together" in answer.get_data(as_text=True)


def test_many_attempts_are_stopped_even_with_the_right_password_and_start_anew_later(visitor, clock):
    for _ in range(MOST_BY_ADDRESS_AND_EMAIL):
        assert attempt(visitor, "wrong password").status_code == 401
    assert attempt(visitor).status_code == 429
    clock.now += timedelta(minutes=16)
    assert attempt(visitor).status_code == 302


def test_a_new_password_ends_old_sessions(sign_in, database):
    visitor = sign_in()
    database[Collection.USERS].update_one({}, {"$set": {"password_hash": hash_password("another password")}})
    assert visitor.get("/shops/nordlicht/").status_code == 302


def test_a_cookie_copied_before_signing_out_opens_nothing(app, sign_in):
    visitor = sign_in()
    copied = {"Cookie": f"footfall={visitor.get_cookie('footfall').value}"}
    assert app.test_client(use_cookies=False).get("/shops/nordlicht/settings", headers=copied).status_code == 200
    visitor.post("/sign-out")
    assert app.test_client(use_cookies=False).get("/shops/nordlicht/settings", headers=copied).status_code == 302


def test_a_form_without_its_token_is_refused(app, visitor):
    app.config["WTF_CSRF_ENABLED"] = True
    assert visitor.post("/sign-out").status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/shops/other/", "/shops/other/products", "/shops/other/products.csv", "/shops/other/quality", "/shops/other/settings",
     "/shops/other/first-event.json", "/shops/other/live", "/api/v1/shops/other/overview", "/api/v1/shops/other/products",
     "/api/v1/shops/other/quality", "/shops/nobody/", "/shops/NORDLICHT/", "/shops/nordlicht%2F..%2Fother/"],
)  # fmt: skip
def test_another_shop_does_not_exist(sign_in, path, caplog):
    answer = sign_in().get(path)
    assert answer.status_code == 404
    assert "Other" not in answer.get_data(as_text=True)
    if "nordlicht%2F" not in path:
        assert "shop not the user's" in caplog.text
        assert "anna" not in caplog.text


def test_a_shop_taken_from_a_user_is_gone_at_once(sign_in, database):
    visitor = sign_in()
    database[Collection.USERS].update_one({}, {"$set": {"merchants": ["other"]}})
    assert visitor.get("/shops/nordlicht/").status_code == 404


def test_answers_carry_strict_headers(visitor):
    headers = visitor.get("/sign-in").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_cookie_is_out_of_reach_for_scripts(visitor):
    cookie = attempt(visitor).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
