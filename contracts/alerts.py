"""Alerts: what they say of promises that broke or mended, the roads they take, and their outbox."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypedDict

from contracts.promises import CHECKS, CheckName
from contracts.settings import Settings, SettingsError

LEASE: Final = timedelta(minutes=2)
"""Longer than a mail server and a receiver may take together."""
GIVEN_UP_AFTER: Final = timedelta(days=2)
"""What was not sent until then is not sent any more: alerts that are set up again do not begin with old ones."""
KEPT: Final = timedelta(days=90)
MOST_NAMED: Final = 20
"""Promises that one alert names; of further ones it says how many."""
MOST_CHARACTERS: Final = 500
FEWEST_SECRET_CHARACTERS: Final = 16
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")


class Road(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"


class Tls(StrEnum):
    """How the mail server is spoken to: STARTTLS after a plain greeting, TLS from the first byte, or not at all."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class AlertKind(StrEnum):
    PROMISES = "promises"
    TEST = "test"


class SendingState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Told(TypedDict):
    """A promise in an alert. `until` is null where it broke."""

    check: str
    subject: str
    sentence: str
    since: datetime
    until: datetime | None


class Attempt(TypedDict):
    """`why` it was not sent; a remark where it was."""

    at: datetime
    is_sent: bool
    why: str
    milliseconds: int


class Sending(TypedDict):
    """How an alert fares on one road. Nobody takes it before `next_attempt_at`; whoever does counts the attempt first."""

    state: str
    attempts: int
    next_attempt_at: datetime
    log: list[Attempt]


class Alert(TypedDict):
    """A document of `alerts`. `_id` is made of what it says, so it is the same however often it is written.

    `broke` and `mended` name the first of `broke_count` and `mended_count`; `checks` are those it is about.
    """

    _id: str
    kind: str
    at: datetime
    broke: list[Told]
    mended: list[Told]
    broke_count: int
    mended_count: int
    checks: list[str]
    roads: dict[str, Sending]


def alert_id(said: Iterable[str]) -> str:
    """`said`: one text for each break and mend that it tells of, in any order."""
    return hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()[:32]


def roads_of(settings: Settings) -> list[Road]:
    """The roads that are set up; raises SettingsError where one is set up in part, or not rightly."""
    roads = []
    if settings.alert_smtp_host or settings.alert_mail_to:
        _check_mail(settings)
        roads.append(Road.MAIL)
    if settings.alert_webhook_url or settings.alert_webhook_secret:
        _check_webhook(settings)
        roads.append(Road.WEBHOOK)
    return roads


def recipients(settings: Settings) -> list[str]:
    return [one.strip() for one in settings.alert_mail_to.split(",") if one.strip()]


def webhook_secrets(settings: Settings) -> list[str]:
    """Newest first; all of them sign."""
    return [one.strip() for one in settings.alert_webhook_secret.split(",") if one.strip()]


def _check_mail(settings: Settings) -> None:
    for name in ("alert_smtp_host", "alert_mail_to", "alert_mail_from"):
        if not getattr(settings, name):
            raise SettingsError(f"FOOTFALL_{name.upper()} is empty: alerts by e-mail need it.")
    for address in (settings.alert_mail_from, *recipients(settings)):
        if not _ADDRESS.fullmatch(address):
            raise SettingsError(
                f"{address!r} is no e-mail address: write ops@shop.example, several with commas between."
            )
    if settings.alert_smtp_tls not in set(Tls):
        raise SettingsError(f"FOOTFALL_ALERT_SMTP_TLS must be one of {', '.join(Tls)}.")
    if settings.alert_smtp_tls == Tls.NONE and settings.alert_smtp_password:
        raise SettingsError("FOOTFALL_ALERT_SMTP_PASSWORD is not sent without TLS: set FOOTFALL_ALERT_SMTP_TLS.")


def _check_webhook(settings: Settings) -> None:
    if not settings.alert_webhook_url:
        raise SettingsError("FOOTFALL_ALERT_WEBHOOK_URL is empty: alerts by webhook need it.")
    secrets = webhook_secrets(settings)
    if not secrets or min(map(len, secrets)) < FEWEST_SECRET_CHARACTERS:
        raise SettingsError(
            f"FOOTFALL_ALERT_WEBHOOK_SECRET needs {FEWEST_SECRET_CHARACTERS} characters or more: it signs the alerts."
        )


# what an alert says


def one_line(text: str) -> str:
    """Without control, format and line characters: what a shop or a server wrote stays within its line."""
    kept = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(kept.split())[:MOST_CHARACTERS]


def subject_of(alert: Alert) -> str:
    """Of titles only: nothing that a shop wrote is in it."""
    if alert["kind"] == AlertKind.TEST:
        return "Test of the alerts"
    parts = []
    for word, told in (("Broken", alert["broke"]), ("Mended", alert["mended"])):
        titles = list(dict.fromkeys(CHECKS[CheckName(one["check"])].title for one in told))
        parts += [f"{word}: {', '.join(titles)}"] if titles else []
    return "; ".join(parts)


def text_of(alert: Alert, status_page: str) -> str:
    """The mail, plain."""
    if alert["kind"] == AlertKind.TEST:
        return f"This is a test: alerts of Footfall arrive here.\n\nStatus: {status_page}\n"
    lines: list[str] = []
    if alert["broke"]:
        lines += ["Broken:", *_lines(alert["broke"], alert["broke_count"]), "", *_what_now(alert["broke"]), ""]
    if alert["mended"]:
        lines += ["Mended:", *_lines(alert["mended"], alert["mended_count"]), ""]
    return "\n".join([*lines, f"Status: {status_page}", f"Alert {alert['_id']}, {_time(alert['at'])}", ""])


def _lines(told: Sequence[Told], count: int) -> list[str]:
    lines = [f"- {one_line(one['sentence'])} ({_when(one)})" for one in told]
    return lines + ([f"- and {count - len(told):,} more"] if count > len(told) else [])


def _when(one: Told) -> str:
    since = f"since {_time(one['since'])}"
    return since if one["until"] is None else f"{since}, until {_time(one['until'])}"


def _what_now(told: Sequence[Told]) -> list[str]:
    names = dict.fromkeys(CheckName(one["check"]) for one in told)
    return ["What to do:", *(f"- {CHECKS[name].title}: {CHECKS[name].what_now}" for name in names)]


def body_of(alert: Alert, status_page: str) -> dict[str, Any]:
    """The JSON that the webhook posts."""
    return {
        "v": 1,
        "kind": alert["kind"],
        "at": _iso(alert["at"]),
        "broke": [_told_json(one) for one in alert["broke"]],
        "mended": [_told_json(one) for one in alert["mended"]],
        "broke_count": alert["broke_count"],
        "mended_count": alert["mended_count"],
        "status_page": status_page,
    }


def _told_json(one: Told) -> Mapping[str, str | None]:
    until = one["until"]
    texts = {"check": one["check"], "subject": one_line(one["subject"]), "sentence": one_line(one["sentence"])}
    return texts | {"since": _iso(one["since"]), "until": _iso(until) if until else None}


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
