"""The roads of alerts, as the settings say: each takes one alert, or says why it could not."""

import asyncio
import json
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from contracts.alerts import Alert, Road, Tls, body_of, recipients, roads_of, subject_of, text_of, webhook_secrets
from contracts.settings import Settings, SettingsError
from outgoing.addresses import BadWebhook, Target, read_address
from outgoing.mail import Mailer
from outgoing.posting import NotPosted, Poster, signed_headers, why_failed

Send = Callable[[Alert, datetime], str]
"""A remark, or empty. Raises NotMailed or NotPosted."""


def open_roads(settings: Settings, certificates: ssl.SSLContext | None = None) -> Mapping[Road, Send]:
    """`certificates` are the system's authorities unless they are given. Raises SettingsError."""
    trusted = certificates or ssl.create_default_context()
    makers = {Road.MAIL: _by_mail, Road.WEBHOOK: _by_webhook}
    return {road: makers[road](settings, trusted) for road in roads_of(settings)}


def _by_mail(settings: Settings, certificates: ssl.SSLContext) -> Send:
    mailer = Mailer(
        host=settings.alert_smtp_host,
        port=settings.alert_smtp_port,
        tls=Tls(settings.alert_smtp_tls),
        user=settings.alert_smtp_user,
        password=settings.alert_smtp_password,
        sender=settings.alert_mail_from,
        recipients=recipients(settings),
        certificates=certificates,
    )
    return partial(_mail, mailer, _status_page(settings))


def _mail(mailer: Mailer, page: str, alert: Alert, at: datetime) -> str:
    return mailer.send(alert["_id"], f"[Footfall] {subject_of(alert)}", text_of(alert, page), alert["at"])


def _by_webhook(settings: Settings, certificates: ssl.SSLContext) -> Send:
    try:
        target = read_address(settings.alert_webhook_url)
    except BadWebhook as bad:
        raise SettingsError(f"FOOTFALL_ALERT_WEBHOOK_URL: {bad}") from None
    poster = Poster(certificates, settings.webhook_timeout_seconds, settings.alert_webhook_private_address)
    return partial(_post, poster, target, webhook_secrets(settings), _status_page(settings))


def _post(poster: Poster, target: Target, secrets: list[str], page: str, alert: Alert, at: datetime) -> str:
    content = {"type": "alert", "delivery": alert["_id"], **body_of(alert, page)}
    body = json.dumps(content, separators=(",", ":")).encode()
    status = asyncio.run(poster.post(target, signed_headers("alert", alert["_id"], body, at, secrets), body))
    if why := why_failed(status):
        raise NotPosted(why)
    return ""


def _status_page(settings: Settings) -> str:
    return f"{settings.public_app_url}/status"
