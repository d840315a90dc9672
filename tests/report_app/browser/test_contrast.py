"""WCAG 2.1 AA: text stands out from its background, in both colour schemes."""

import pytest

from tests.report_app.failed import failed

CONTRAST = """() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll("main *, nav *")) {
    const text = [...e.childNodes].filter((n) => n.nodeType === 3 && n.textContent.trim()).map((n) => n.textContent.trim()).join(" ");
    if (!text || e.offsetParent === null && e.tagName !== "text" || e.closest("svg .column")) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(parse(e.tagName === "text" ? style.fill : style.color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${text.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/shops/nordlicht/?range=today",
        "/shops/nordlicht/products",
        "/shops/nordlicht/quality",
        f"/shops/nordlicht/inbox/{failed(0)['cause']}",
        "/numbers",
    ],
)
def test_text_has_contrast(open_page, scheme, path):
    assert open_page(path, 1440, scheme).evaluate(CONTRAST) == []
