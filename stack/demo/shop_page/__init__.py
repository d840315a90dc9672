"""The demo's shop pages: what a visitor of one of the demo shops sees, with the real tracker on every page."""

from decimal import Decimal

from babel.numbers import format_currency
from flask import Flask, abort, render_template, request
from flask.typing import ResponseReturnValue

from contracts.completeness import check_contracts
from contracts.keys import KeyKind, WriteKey, sign_key
from contracts.settings import Settings
from stack.demo.shop_page.pictures import picture
from stack.demo.shops import NAMES, Product, Shop, read_shop


def create_app() -> Flask:
    """The WSGI application of all three shops; raises SettingsError without a signing secret."""
    settings = check_contracts()
    app = Flask(__name__)
    app.jinja_env.globals.update(picture=picture, price=price, collector=settings.public_collector_url.rstrip("/"))
    app.jinja_env.globals.update(reports=settings.public_app_url.rstrip("/"), shops=[read_shop(name) for name in NAMES])
    app.jinja_env.globals["keys"] = {name: _page_key(name, settings) for name in NAMES}
    _add_pages(app)
    return app


def _page_key(merchant: str, settings: Settings) -> str:
    secrets = settings.secrets_by_id()
    return sign_key(WriteKey(KeyKind.PAGE, next(iter(secrets)), merchant, 1), secrets)


def price(amount: Decimal, shop: Shop) -> str:
    return format_currency(amount, shop.currency, locale=shop.locale.replace("-", "_"))


def _shop(name: str) -> Shop:
    return read_shop(name) if name in NAMES else abort(404)


def _add_pages(app: Flask) -> None:
    @app.get("/")
    def street() -> ResponseReturnValue:
        return render_template("street.html")

    @app.get("/health")
    def health() -> ResponseReturnValue:
        return {"status": "ok"}

    @app.get("/<name>/")
    def front(name: str) -> ResponseReturnValue:
        return render_template("front.html", shop=_shop(name), found=_shop(name).products)

    @app.get("/<name>/search")
    def search(name: str) -> ResponseReturnValue:
        query = request.args.get("q", "").strip()
        return render_template("front.html", shop=_shop(name), found=_found(_shop(name), query), query=query)

    @app.get("/<name>/products/<slug>")
    def product(name: str, slug: str) -> ResponseReturnValue:
        found = _shop(name).product(slug) or abort(404)
        return render_template("product.html", shop=_shop(name), product=found)

    @app.get("/<name>/<any(cart, checkout, thanks):page>")
    def of_cart(name: str, page: str) -> ResponseReturnValue:
        return render_template(f"{page}.html", shop=_shop(name))


def _found(shop: Shop, query: str) -> list[Product]:
    words = query.lower().split()
    return [
        product
        for product in shop.products
        if all(word in f"{product.name} {product.brand} {product.category}".lower() for word in words)
    ]
