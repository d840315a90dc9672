"""Mail through a real server: over TLS only where that was asked for, once, and with words that give nothing away."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.alerts import Tls
from outgoing.mail import Mailer, NotMailed
from tests.outgoing.mail_server import MailServer
from tests.outgoing.receiver import Authority

AT = datetime(2026, 11, 24, 13, 32, tzinfo=UTC)


@pytest.fixture
def serve(authority):
    """Starts a mail server; answers it and a mailer that knows how to reach it."""
    servers = []

    def do(tls=Tls.STARTTLS, name="localhost", **options):
        secret = None if tls is Tls.NONE else authority.server_side(name)
        server = MailServer(secret, from_the_first_byte=tls is Tls.TLS, **options)
        servers.append(server)
        return server, Mailer(
            "localhost", server.port, tls, server.user, server.password, "footfall@shop.example",
            ["ops@shop.example", "night@shop.example"], authority.client_side(), seconds=5,
        )  # fmt: skip

    yield do
    for server in servers:
        server.close()


def send(mailer, subject="Broken: Lag", text="A line.\n"):
    return mailer.send("ab12", subject, text, AT)


@pytest.mark.parametrize("tls", list(Tls))
def test_a_mail_arrives_whole(serve, tls):
    server, mailer = serve(tls)
    assert send(mailer, text="Ä line.\n.\nAnother.\n") == ""
    [(sender, recipients, message)] = server.mails
    assert (sender, recipients) == ("footfall@shop.example", ["ops@shop.example", "night@shop.example"])
    assert message.get_content().splitlines() == ["Ä line.", ".", "Another."]
    assert message["Message-ID"] == "<ab12@shop.example>"
    assert (message["Subject"], message["Auto-Submitted"]) == ("Broken: Lag", "auto-generated")
    assert message["Date"].datetime == AT


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.TLS])
def test_a_password_travels_over_tls(serve, tls):
    server, mailer = serve(tls, user="ops", password="a-pass-word")
    send(mailer)
    assert server.signed_in == [("ops", True)] and len(server.mails) == 1


def test_a_wrong_password_is_said_without_what_the_server_wrote(serve):
    server, mailer = serve(user="ops", password="a-pass-word")
    wrong = replace(mailer, password="another")
    with pytest.raises(NotMailed, match=r"refused user or password \(535\)") as found:
        send(wrong)
    assert "hunter2" not in str(found.value) and "another" not in f"{found.value} {wrong}"
    assert server.mails == []


def test_a_server_without_starttls_gets_neither_mail_nor_password(serve):
    server, mailer = serve(Tls.NONE, user="ops", password="a-pass-word")
    with pytest.raises(NotMailed, match="does not offer STARTTLS"):
        send(replace(mailer, tls=Tls.STARTTLS))
    assert (server.mails, server.signed_in) == ([], [])


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.TLS])
def test_a_certificate_of_another_name_or_authority_is_refused(serve, tmp_path, tls):
    server, mailer = serve(tls, name="elsewhere.example")
    with pytest.raises(NotMailed, match="certificate is not valid"):
        send(mailer)
    server, mailer = serve(tls)
    with pytest.raises(NotMailed, match="certificate is not valid"):
        send(replace(mailer, certificates=Authority(tmp_path).client_side()))
    assert server.mails == []


def test_some_recipients_are_refused_and_the_others_have_it(serve):
    server, mailer = serve()
    server.refused = {"night@shop.example"}
    assert send(mailer) == "1 of 2 recipients were refused."
    assert server.mails[0][1] == ["ops@shop.example"]
    server.refused = {"night@shop.example", "ops@shop.example"}
    with pytest.raises(NotMailed, match="every recipient"):
        send(mailer)


def test_a_refusal_a_silent_end_and_nobody_there(serve):
    server, mailer = serve()
    server.refusals = ["451 The disk of 10.1.2.3 is full"]
    with pytest.raises(NotMailed, match=r"refused the mail \(451\)\.$"):
        send(mailer)
    server.goes_silent = True
    with pytest.raises(NotMailed, match="No connection"):
        send(mailer)
    server.close()
    with pytest.raises(NotMailed, match="No connection"):
        send(mailer)


def test_what_was_taken_is_sent_whatever_the_server_says_at_the_end(serve):
    server, mailer = serve()
    server.farewell = "500 No"
    assert send(mailer) == ""
    assert len(server.mails) == 1


def test_a_header_cannot_be_injected(serve):
    server, mailer = serve()
    with pytest.raises(ValueError, match="linefeed"):
        send(mailer, subject="Broken\r\nBcc: thief@example.com")
    assert server.mails == []
