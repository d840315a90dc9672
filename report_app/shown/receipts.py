"""Receipt panels: the answer to "why?" beside a figure."""

from dataclasses import dataclass
from datetime import datetime

from contracts.books import Fates
from contracts.reports import DEFINITION_VERSION, Family
from report_app.definitions import BY_KEY
from report_app.formats import Formats
from report_app.reading.overview import Reading
from report_app.reading.products import Products
from report_app.reading.receipts import RangeReceipt
from report_app.reading.reports import State
from report_app.reading.totals import Sales
from report_app.shown.cards import Card
from report_app.shown.figures import FAMILIES, Measure
from report_app.shown.made_of import Line, receipt_lines


@dataclass(frozen=True, slots=True)
class Panel:
    """`sums` derive the figure; `counts` are the messages it was computed from; `facts` say when and by what."""

    key: str
    title: str
    value: str
    definition: str
    sums: tuple[tuple[str, str], ...]
    counts: tuple[Line, ...]
    not_accounted_for: str
    adds_up: bool
    facts: tuple[tuple[str, str], ...]


def figure_panels(reading: Reading, shown: list[Card], formats: Formats) -> list[Panel]:
    return [_figure_panel(reading, card, formats) for card in shown]


def _figure_panel(reading: Reading, card: Card, formats: Formats) -> Panel:
    measure = Measure(card.key)
    family = FAMILIES[measure]
    is_read = reading.shown.is_read(family) and not card.sentence
    sums = _sums(measure, reading, formats) if is_read else ()
    return panel(card.key, card.exact or card.sentence, reading.shown.receipts[family], formats, sums, reading.fates)


def quality_panel(reading: Reading, formats: Formats) -> Panel:
    receipt = reading.shown.receipts[Family.QUALITY]
    value = "" if not reading.shown.is_read(Family.QUALITY) else formats.count(receipt.received)
    return panel("received", value, receipt, formats, fates=reading.fates)


def products_panel(products: Products, formats: Formats) -> Panel:
    sums: list[tuple[str, str]] = []
    if products.state is State.READ:
        named = products.all_sales - products.not_on_product - products.rest
        sums = [("Sales of the products in the table", formats.money(named))]
        if products.rest:
            sums.append(("Sales of all other products", formats.money(products.rest)))
        sums += [
            ("Sales not on a product", formats.money(products.not_on_product)),
            ("= Sales", formats.money(products.all_sales)),
        ]
    return panel("products", "", products.receipt, formats, tuple(sums))


def panel(
    key: str,
    value: str,
    receipt: RangeReceipt,
    formats: Formats,
    sums: tuple[tuple[str, str], ...] = (),
    fates: Fates | None = None,
) -> Panel:
    return Panel(
        key=key,
        title=BY_KEY[key].name,
        value=value,
        definition=BY_KEY[key].sentence,
        sums=sums,
        counts=() if receipt.is_empty else receipt_lines(receipt, formats, fates),
        not_accounted_for=formats.count(receipt.not_accounted_for),
        adds_up=receipt.not_accounted_for == 0,
        facts=() if receipt.is_empty else _facts(receipt, formats),
    )


def _sums(measure: Measure, reading: Reading, formats: Formats) -> tuple[tuple[str, str], ...]:
    sales, traffic = reading.shown.sales, reading.shown.traffic
    if measure is Measure.NET_SALES:
        return _bridge(sales, formats)
    if measure is Measure.ORDERS:
        return (
            ("Orders", formats.count(sales.counts["orders"])),
            ("of these cancelled in this range", formats.count(sales.counts["cancelled_orders"])),
            ("Units", formats.units(sales.counts["units_milli"])),
        )
    if measure is Measure.AVERAGE_ORDER:
        return (
            ("Sales", formats.money(sales.amounts["sales"])),
            (
                "÷ Orders with an exchange rate" if sales.unconverted else "÷ Orders",
                formats.count(sales.converted_orders),
            ),
        )
    if measure is Measure.VISITORS:
        how = "estimated from several hours" if reading.shown.visitors.is_estimate else "exact"
        return (("This figure is", how), ("Messages without a visitor id", formats.count(traffic["cookieless"])))
    return (("Page and screen messages", formats.count(traffic["page_views"])),)


def _bridge(sales: Sales, formats: Formats) -> tuple[tuple[str, str], ...]:
    amounts = sales.amounts
    lines = [
        ("Gross", formats.money(amounts["gross"])),
        ("− Discounts", formats.money(amounts["discount"])),
        ("= Sales", formats.money(amounts["sales"])),
        ("− Refunds", formats.money(amounts["refunds"])),
        ("− Cancelled", formats.money(amounts["cancelled"])),
        ("= Net sales", formats.money(sales.net)),
    ]
    without = [(f"Without a rate, in {code}", formats.money(net, code)) for code, net in sales.net_unconverted.items()]
    return (*lines, *without)


def _facts(receipt: RangeReceipt, formats: Formats) -> tuple[tuple[str, str], ...]:
    def moment(text: str | None) -> str:
        return formats.moment(datetime.fromisoformat(text), True) if text else "none"

    versions = ", ".join(f"{name} {value}" for name, value in receipt.versions)
    facts = [("Last event", moment(receipt.last_event_at)), ("Computed", moment(receipt.computed_at))]
    if receipt.run:
        facts.append(("Run", receipt.run))
    if receipt.batch is not None:
        facts.append(("Batch", str(receipt.batch)))
    if receipt.sequence is not None:
        facts.append(("Archive", f"epoch {receipt.epoch}, sequence {receipt.sequence}"))
    facts.append(("Versions", f"definitions {DEFINITION_VERSION}" + (f", {versions}" if versions else "")))
    return tuple(facts)
