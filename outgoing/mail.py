"""One plain mail through an SMTP server."""

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from contracts.alerts import Tls


class NotMailed(Exception):
    """The server did not take it; the message says why, without anything that the server wrote."""


@dataclass(frozen=True, slots=True)
class Mailer:
    """`certificates` verifies the server's name; `user` is empty where the server asks for none. `seconds` are for each answer."""

    host: str
    port: int
    tls: Tls
    user: str
    password: str = field(repr=False)
    sender: str
    recipients: Sequence[str]
    certificates: ssl.SSLContext
    seconds: float = 10.0

    def send(self, id_: str, subject: str, text: str, at: datetime) -> str:
        """A remark where some recipients were refused, else empty. The same id makes the same Message-ID. Raises NotMailed."""
        message = self._message(id_, subject, text, at)
        try:
            refused = self._hand_over(message)
        except smtplib.SMTPAuthenticationError as error:
            raise NotMailed(f"The mail server refused user or password ({error.smtp_code}).") from None
        except smtplib.SMTPRecipientsRefused:
            raise NotMailed("The mail server refused every recipient.") from None
        except smtplib.SMTPNotSupportedError:
            raise NotMailed("The mail server does not offer STARTTLS, or no sign-in that is known here.") from None
        except smtplib.SMTPResponseException as error:
            raise NotMailed(f"The mail server refused the mail ({error.smtp_code}).") from None
        except ssl.SSLCertVerificationError as error:
            raise NotMailed(f"The mail server's certificate is not valid: {error.verify_message}") from None
        except TimeoutError:
            raise NotMailed(f"The mail server did not answer within {self.seconds:g} seconds.") from None
        except (OSError, smtplib.SMTPException) as error:
            words = getattr(error, "strerror", None) or type(error).__name__
            raise NotMailed(f"No connection to the mail server: {words}.") from None
        return f"{refused} of {len(self.recipients)} recipients were refused." if refused else ""

    def _hand_over(self, message: EmailMessage) -> int:
        """How many recipients were refused. Once it is taken, no word of the server's at the end makes it untaken."""
        server = self._connected()
        try:
            if self.user:
                server.login(self.user, self.password)
            refused = server.send_message(message, self.sender, list(self.recipients))
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            return len(refused)
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        if self.tls is Tls.TLS:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.seconds, context=self.certificates)
        server = smtplib.SMTP(self.host, self.port, timeout=self.seconds)
        try:
            if self.tls is Tls.STARTTLS:
                server.starttls(context=self.certificates)
        except BaseException:
            server.close()
            raise
        return server

    def _message(self, id_: str, subject: str, text: str, at: datetime) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = ", ".join(self.recipients)
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{id_}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message
