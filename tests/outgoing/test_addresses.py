"""Where a webhook may lead."""

import pytest

from outgoing.addresses import BadWebhook, Target, is_public, read_address

NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "0.0.0.0",
    "0.1.2.3",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:100.64.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
    "2001::1",
    "2001:db8::1",
    "100::1",
    "3fff::1",
    "4000::1",
    "localhost",
    "not-an-address",
    "1",
    "127.1",
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "172.32.0.1"]
)
def test_a_public_address(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("https://shop.example", Target("shop.example", 443, "/")),
        ("https://Shop.Example.:8443/a/b?c=d&e", Target("shop.example", 8443, "/a/b?c=d&e")),
        ("https://[2606:4700::1]/", Target("2606:4700::1", 443, "/")),
    ],
)
def test_an_address_that_a_webhook_may_have(text, target):
    assert read_address(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop.example",
        "http://shop.example/",
        "ftp://shop.example/",
        "https://",
        "https:///path",
        "https://user@shop.example/",
        "https://user:word@shop.example/",
        "https://shop.example/#part",
        "https://shop.example:22/",
        "https://shop.example:99999/",
        "https://shop.example:x/",
        "https://shop.example:/",
        "https://shop example/",
        "https://shop.example/a b",
        "https://shop.example/\r\nX-Header: 1",
        "https://shöp.example/",
        "https://a..b/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://shop.example\\@127.0.0.1/",
        "https://" + "a" * 64 + ".example/",
        "https://shop.example/" + "a" * 1_000,
    ],
)
def test_an_address_that_no_webhook_may_have(text):
    with pytest.raises(BadWebhook):
        read_address(text)
