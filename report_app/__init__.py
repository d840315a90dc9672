"""The report app: merchants' pages and their JSON. `report_app:create_app()` is the WSGI factory."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from contracts.completeness import check_contracts
from contracts.settings import Settings, SettingsError
from report_app import access, assets, headers, problems, services, words
from report_app.api import api
from report_app.pages.arrivals import arrivals
from report_app.pages.erasures import erasures
from report_app.pages.health import health
from report_app.pages.no_stream import no_stream
from report_app.pages.numbers import numbers
from report_app.pages.order_webhooks import order_webhooks
from report_app.pages.overview import overview
from report_app.pages.products import products
from report_app.pages.quality import quality
from report_app.pages.rebuilds import rebuilds
from report_app.pages.rehearsals import inbox
from report_app.pages.shop_settings import shop_settings
from report_app.pages.shops import shops
from report_app.pages.sign_in import sign_in
from report_app.pages.status import status
from report_app.pages.webhooks import webhooks
from report_app.standing_in import refusing
from report_app.tickets import ordering
from report_app.tickets.publishing import RequestPublisher

MIN_SECRET_LENGTH = 32
SESSION_DAYS = 14


def create_app(settings: Settings | None = None, now: Callable[[], datetime] | None = None) -> Flask:
    """The app. Without arguments it takes its settings from the environment and the time from the clock.

    Raises IncompleteContract or SettingsError.
    """
    chosen = settings or check_contracts()
    if len(chosen.app_secret) < MIN_SECRET_LENGTH:
        raise SettingsError(f"FOOTFALL_APP_SECRET needs at least {MIN_SECRET_LENGTH} characters.")
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=chosen.app_secret,
        SESSION_COOKIE_NAME="footfall",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=chosen.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(days=SESSION_DAYS),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    services.install(app, chosen, now or (lambda: datetime.now(UTC)))
    app.extensions[ordering.EXTENSION] = RequestPublisher(chosen.kafka_bootstrap)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    CSRFProtect(app)
    for part in (access, assets, headers, problems, refusing, words):
        part.install(app)
    for blueprint in (
        health, sign_in, shops, overview, products, quality, inbox, rebuilds, shop_settings, order_webhooks, webhooks, arrivals, erasures,
        no_stream, numbers, status, api,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    return app
