"""A mail server that speaks as much SMTP as a client needs: EHLO, STARTTLS, AUTH PLAIN and LOGIN, one mail after another."""

import base64
import socketserver
import threading
from email import message_from_bytes, policy


class MailServer:
    """Keeps what was sent as (sender, recipients, message). `tls` is offered by STARTTLS, or spoken from the first byte.

    `refusals`: answers to the next mails instead of 250. `refused`: recipients that it does not take. `goes_silent`: takes a
    mail and ends the connection without an answer.
    """

    def __init__(self, tls=None, *, from_the_first_byte=False, user="", password="", port=0):
        self.mails, self.refusals, self.refused, self.signed_in = [], [], set(), []
        self.goes_silent, self.farewell = False, "221 Bye"
        self.tls, self.from_the_first_byte = tls, from_the_first_byte
        self.user, self.password = user, password
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                Conversation(owner, self.request).hold()

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Conversation:
    def __init__(self, server, socket):
        self.server, self.socket = server, socket
        self.is_secret = server.from_the_first_byte
        if self.is_secret:
            self.socket = server.tls.wrap_socket(socket, server_side=True)
        self.lines = self.socket.makefile("rb")
        self.sender, self.recipients, self.is_over = "", [], False

    def hold(self):
        self.say("220 localhost")
        while not self.is_over and (line := self.lines.readline()):
            verb, _, rest = line.decode("ascii").strip().partition(" ")
            getattr(self, f"hear_{verb.lower()}", self.hear_nothing)(rest)

    def say(self, *lines):
        self.socket.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def hear_nothing(self, rest):
        self.say("502 What?")

    def hear_ehlo(self, rest):
        offers = ["STARTTLS"] if self.server.tls and not self.is_secret else []
        offers += ["AUTH PLAIN"] if self.server.user else []
        names = ["localhost", *offers, "8BITMIME"]
        self.say(*(f"250{'-' if name != names[-1] else ' '}{name}" for name in names))

    def hear_starttls(self, rest):
        self.say("220 Go on")
        self.socket = self.server.tls.wrap_socket(self.socket, server_side=True)
        self.lines, self.is_secret = self.socket.makefile("rb"), True

    def hear_auth(self, rest):
        _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
        is_known = (user, password) == (self.server.user, self.server.password)
        self.server.signed_in.append((user, self.is_secret))
        self.say("235 Welcome" if is_known else "535 The password 'hunter2' is wrong")

    def hear_mail(self, rest):
        self.sender, self.recipients = address(rest), []
        self.say("250 Fine")

    def hear_rcpt(self, rest):
        if address(rest) in self.server.refused:
            self.say("550 Nobody of that name")
            return
        self.recipients.append(address(rest))
        self.say("250 Fine")

    def hear_data(self, rest):
        self.say("354 Go on")
        lines = []
        while (line := self.lines.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        refusal = self.server.refusals.pop(0) if self.server.refusals else ""
        if not refusal:
            message = message_from_bytes(b"".join(lines), policy=policy.default)
            self.server.mails.append((self.sender, self.recipients, message))
        if self.server.goes_silent:
            self.is_over = True
            return
        self.say(refusal or "250 Taken")

    def hear_rset(self, rest):
        self.say("250 Fine")

    def hear_quit(self, rest):
        self.is_over = True
        self.say(self.server.farewell)


def address(rest):
    return rest.partition("<")[2].partition(">")[0]
