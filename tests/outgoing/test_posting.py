"""One post: to whom a connection is made, what is believed, and when it is over."""

import socket
import time
from dataclasses import replace

import pytest

from outgoing.addresses import read_address
from outgoing.posting import NotPosted
from tests.loops import told
from tests.outgoing.receiver import Authority, Receiver


def post(poster, url):
    """Its status."""
    return told(poster.post(read_address(url), {"A": "b"}, b'{"a":1}'))


def test_a_post_arrives_and_its_status_comes_back(receiver, poster):
    receiver.answers = [(204, {})]
    assert post(poster, receiver.url) == 204
    [(path, headers, body)] = receiver.posts
    assert (path, headers["Host"], headers["A"], body) == (
        "/footfall?shop=1",
        f"localhost:{receiver.port}",
        "b",
        b'{"a":1}',
    )


def test_a_redirect_is_not_followed(receiver, poster):
    receiver.answers = [(302, {"Location": f"https://localhost:{receiver.port}/elsewhere"})]
    assert post(poster, receiver.url) == 302
    assert len(receiver.posts) == 1


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f.1"]
)
def test_nothing_private_is_reached(receiver, poster, host):
    careful = replace(poster, may_be_private=False)
    with pytest.raises(NotPosted, match="no public address"):
        post(careful, f"https://{host}:{receiver.port}/")
    assert receiver.posts == []


@pytest.fixture
def names(monkeypatch):
    """What names lead to, one list of addresses for each time that one is looked up."""
    lookups = []

    def look_up(host, port, *_, **__):
        return [(None, None, 0, "", (address, port)) for address in lookups.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return lookups


def test_a_name_is_looked_up_once_and_its_certificate_is_asked_for_all_the_same(authority, poster, names):
    receiver = Receiver(authority.server_side("shop.example"))
    try:
        names += [["127.0.0.1"], ["192.0.2.1"]]
        assert post(poster, f"https://shop.example:{receiver.port}/") == 200
        assert names == [["192.0.2.1"]], "a second look-up could lead elsewhere"
    finally:
        receiver.close()


@pytest.mark.parametrize("addresses", [["1.1.1.1", "127.0.0.1"], ["1.1.1.1", "fe80::1"], ["169.254.169.254"]])
def test_a_name_with_one_address_that_is_not_public_is_refused(receiver, poster, names, addresses):
    names.append(addresses)
    with pytest.raises(NotPosted, match="no public address"):
        post(replace(poster, may_be_private=False), f"https://shop.example:{receiver.port}/")
    assert receiver.posts == []


def test_a_slow_answer_is_cut_off_in_time_though_bytes_keep_coming(receiver, poster):
    receiver.drips = True
    began = time.monotonic()
    with pytest.raises(NotPosted, match=r"within 0\.5 seconds"):
        post(replace(poster, seconds=0.5), receiver.url)
    assert time.monotonic() - began < 2
    assert len(receiver.posts) == 1


@pytest.mark.parametrize(
    ("names", "is_over"), [(("shop.example",), False), (("localhost",), True), (("127.0.0.1",), False)]
)
def test_a_certificate_of_another_name_or_time_is_refused(authority, poster, names, is_over):
    receiver = Receiver(authority.server_side(*names, is_over=is_over))
    try:
        with pytest.raises(NotPosted, match="certificate"):
            post(poster, receiver.url)
        assert receiver.posts == []
    finally:
        receiver.close()


def test_an_authority_that_nobody_knows_is_refused(receiver, poster, tmp_path):
    with pytest.raises(NotPosted, match="certificate"):
        post(replace(poster, tls=Authority(tmp_path).client_side()), receiver.url)
    assert receiver.posts == []


def test_a_name_that_is_not_found_and_a_port_where_nobody_listens(receiver, poster):
    with pytest.raises(NotPosted, match="no public address"):
        post(poster, "https://nobody.invalid/")
    receiver.close()
    with pytest.raises(NotPosted, match="No connection"):
        post(poster, receiver.url)
