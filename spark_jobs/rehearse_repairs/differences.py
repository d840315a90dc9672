"""By how much reports of hours differ, added up by local day. Pure."""

from collections.abc import Iterable, Mapping

from contracts.rehearsals import MEASURES, DayDifference
from contracts.reports import Family
from spark_jobs.merchants import Merchant
from spark_jobs.report_documents import Report, day_of


def day_differences(before: Iterable[Report], after: Iterable[Report], merchant: Merchant) -> list[DayDifference]:
    """The days that differ, oldest first; both are reports of the same hours of the merchant."""
    days: dict[str, DayDifference] = {}
    for sign, reports in ((-1, before), (1, after)):
        for report in reports:
            day = day_of(report.scope, merchant).isoformat()
            _add(days.setdefault(day, _nothing(day)), report, sign)
    return [found for _, found in sorted(days.items()) if _is_something(found)]


def _nothing(day: str) -> DayDifference:
    return DayDifference(
        day=day, orders=0, sales=0, refunds=0, cancelled=0, net=0, page_views=0, events=0, without_rate={}
    )


def _is_something(found: DayDifference) -> bool:
    found["without_rate"] = {code: amount for code, amount in sorted(found["without_rate"].items()) if amount}
    return any(dict(found)[name] for name in MEASURES) or bool(found["without_rate"])


def _add(into: DayDifference, report: Report, sign: int) -> None:
    content = report.content
    if report.family == Family.TRAFFIC:
        into["page_views"] += sign * content["page_views"]
        into["events"] += sign * content["events"]
    elif report.family == Family.SALES:
        converted = content["converted"]
        into["orders"] += sign * content["orders"]
        into["sales"] += sign * converted["sales"]
        into["refunds"] += sign * converted["refunds"]
        into["cancelled"] += sign * converted["cancelled"]
        into["net"] += sign * _net(converted)
        for code, amounts in content["unconverted"].items():
            into["without_rate"][code] = into["without_rate"].get(code, 0) + sign * _net(amounts)


def _net(amounts: Mapping[str, int]) -> int:
    return amounts["sales"] - amounts["refunds"] - amounts["cancelled"]
