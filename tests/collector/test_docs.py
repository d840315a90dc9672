"""The links of error answers lead somewhere."""

from collector.answers import Refusal
from contracts.errors import ErrorCode
from tests.collector.running import ROOT

OF_THE_COLLECTOR = [
    ErrorCode.BAD_JSON,
    ErrorCode.BAD_UTF8,
    ErrorCode.NOT_AN_OBJECT,
    ErrorCode.NO_BATCH,
    ErrorCode.TOO_LARGE,
    ErrorCode.UNKNOWN_TYPE,
    ErrorCode.NO_EVENT_NAME,
    ErrorCode.NO_ORDER_ID,
    ErrorCode.BAD_PROPERTIES,
]


def test_every_code_that_the_collector_answers_is_explained():
    text = (ROOT / "docs" / "http-api.md").read_text()
    missing = [str(code) for code in (*Refusal, *OF_THE_COLLECTOR) if f'<a id="{code}"></a>' not in text]
    assert missing == []
