"""A shop's own https server, with a certificate of an authority that only tests trust."""

import ipaddress
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """`file` is its own certificate, for clients that trust it."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "authority.pem"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests only")])
        own = _builder(self._name, self._name, self._key)
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file.write_bytes(_pem(own.sign(self._key, hashes.SHA256())))

    def server_side(self, *names, is_over=False):
        """TLS of a server with these names, or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        wanted = _builder(x509.Name([]), self._name, key, is_over)
        wanted = wanted.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), True)
        file = self.folder / f"{names[0]}-{is_over}.pem"
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        file.write_bytes(_pem(wanted.sign(self._key, hashes.SHA256())) + key.private_bytes(*form))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def client_side(self):
        return ssl.create_default_context(cafile=str(self.file))


class Receiver:
    """Keeps what was posted as (path, headers, body); answers with the next of `answers`, then 200."""

    def __init__(self, tls, port=0):
        self.posts, self.answers = [], []
        self.drips = False
        self.may_go_on = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                receiver.answer(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._server.handle_error = lambda *_: None
        self.port = self._server.server_port
        self.url = f"https://localhost:{self.port}/footfall?shop=1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def answer(self, request):
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.posts.append((request.path, request.headers, body))
        if self.drips:
            self._drip(request)
            return
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()

    def _drip(self, request):
        """A byte at a time, none of them late enough for a timeout of single reads."""
        request.wfile.write(b"HTTP/1.1 ")
        while not self.may_go_on.wait(0.05):
            try:
                request.wfile.write(b"2")
            except OSError:
                return

    def close(self):
        self.may_go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _alternative(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(subject, issuer, key, is_over=False):
    now = datetime.now(UTC)
    end = now - timedelta(days=1) if is_over else now + timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(now - timedelta(days=2)).not_valid_after(end)


def _pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)
