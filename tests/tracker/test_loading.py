"""The script itself: how large it is, where it is served, what was called before it was there, what it is called."""

import gzip
import json
import re
from pathlib import Path

import requests

from report_app.pages.keys import STUB
from tests.collector.running import until
from tests.tracker.conftest import RENAMED, ROOT, Shop, events, named, names

GZIPPED_BYTES = 2_560
LIST_STUB = "<script>(window.footfall = window.footfall || []).push(['track', 'Called Early', {n: 1}])</script>"
DOCUMENT = (ROOT / "docs" / "tracker.md").read_text()


def test_the_tracker_is_small(tracker_file: Path):
    assert len(gzip.compress(tracker_file.read_bytes(), 9)) <= GZIPPED_BYTES


def test_it_is_served_with_a_tag_and_a_life(tracked_collector):
    address = f"{tracked_collector.url}/footfall.js"
    first = requests.get(address, timeout=10)
    assert first.ok and first.headers["content-type"].startswith("text/javascript")
    assert first.headers["content-encoding"] == "gzip" and "max-age" in first.headers["cache-control"]
    again = requests.get(address, headers={"if-none-match": first.headers["etag"]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_the_renamed_script_is_the_same_and_its_types_lie_beside_it(tracked_collector):
    script, renamed, types = (
        requests.get(f"{tracked_collector.url}{path}", timeout=10)
        for path in ("/footfall.js", RENAMED, "/footfall.d.ts")
    )
    assert renamed.ok and renamed.content == script.content
    assert types.ok and types.text == (ROOT / "tracker" / "types" / "footfall.d.ts").read_text()


def test_calls_before_the_script_are_kept_by_a_list(shop: Shop):
    shop.add_page("list.html", stub=LIST_STUB)
    shop.open("list.html")
    (early,) = events(shop.wait_for(2), "track")
    assert (early["event"], early["properties"]) == ("Called Early", {"n": 1})


def test_calls_before_the_script_are_kept_by_the_stub(shop: Shop):
    calls = "footfall.identify('c-7'); footfall.productViewed({product_id: 'p-1'}); footfall.nobodyKnows(1); footfall.track('B')"
    shop.add_page("early.html", stub=f"{STUB}<script>{calls}</script>")
    shop.open("early.html")
    users = {name: message.get("userId") for name, message in named(shop.wait_for(4))}
    assert users == {"/early.html": None, "identify": "c-7", "Product Viewed": "c-7", "B": "c-7"}


def test_a_second_copy_of_the_script_counts_nothing(shop: Shop):
    shop.add_page("twice.html", body=script_of(shop))
    page = shop.open("twice.html")
    page.evaluate("footfall.track('A')")
    assert names(shop.wait_for(2)) == ["/twice.html", "A"]
    assert len(shop.all_messages()) == 2


def test_everything_can_have_another_name(shop: Shop):
    attributes = 'data-name="leaves" data-endpoint="/v1/b"'
    shop.add_page("renamed.html", attributes, stub="", path=RENAMED, head=STUB.replace("footfall", "leaves"))
    page = shop.context.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url.removeprefix(shop.collector.url)))
    page.goto(f"{shop.url}/renamed.html")
    page.evaluate("leaves.track('Named')")
    assert names(shop.wait_for(2)) == ["/renamed.html", "Named"]
    until(lambda: "/v1/b" in requested, pause=shop.wait)
    assert RENAMED in requested
    assert not [address for address in requested if "footfall" in address]
    kept = page.evaluate("[...Object.keys(window), ...Object.keys(localStorage), document.cookie].join(' ')")
    assert "footfall" not in kept and "leaves=." in kept


def test_a_strict_policy_lets_it_run(shop: Shop):
    """The policy of the documents, word for word but for the address; the stub's hash is in it."""
    policy = re.search(r"Content-Security-Policy: (.+)", DOCUMENT)[1]
    own = policy.replace("https://collector.example", shop.collector.url)
    shop.add_page("strict.html", head=f"<meta http-equiv='Content-Security-Policy' content=\"{own}\">")
    page = shop.context.new_page()
    refused: list[str] = []
    page.on("console", lambda line: "Security Policy" in line.text and refused.append(line.text))
    page.goto(f"{shop.url}/strict.html")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: 'window.stranger = 1'}))"
    )
    assert page.evaluate("window.stranger") is None and len(refused) == 1, "the policy holds"
    page.wait_for_function("typeof footfall.version == 'string'")
    assert names(shop.wait_for(1)) == ["/strict.html"] and len(refused) == 1


def test_the_documents_show_the_stub_of_the_settings_page():
    assert STUB in DOCUMENT


RIGHT_CALLS = """
footfall.orderCompleted({order_id: "1001", total: "12.50", products: [{product_id: "p-1", price: 12.5}]});
footfall.push(["track", "Gift Wrapped", {paper: "red"}], ["identify", "c-7"]);
location.href = footfall.link("https://checkout.example/");
footfall.consent("cookieless");
"""
WRONG_CALLS = """
footfall.orderCompleted({total: 1, products: []});
footfall.consent("yes");
footfall.productsSearched("tea");
footfall.push(["trakc", "A"]);
"""


def test_the_types_take_right_calls_and_refuse_wrong_ones(npm, tmp_path: Path):
    (tmp_path / "right.ts").write_text(RIGHT_CALLS)
    (tmp_path / "wrong.ts").write_text(WRONG_CALLS)
    options = {"strict": True, "noEmit": True, "lib": ["es2021", "dom"], "types": []}
    files = ["right.ts", "wrong.ts", str(ROOT / "tracker" / "types" / "footfall.d.ts")]
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": files}))
    told = npm("exec", "--", "tsc", "-p", str(tmp_path), check=False).stdout
    assert re.findall(r"(\w+\.ts)\((\d+),", told) == [("wrong.ts", str(line)) for line in (2, 3, 4, 5)], told


def script_of(shop: Shop) -> str:
    page = requests.get(f"{shop.url}/tea.html", timeout=10).text
    return re.search(r"<script defer.+?</script>", page)[0]
