"""The README's pictures: `python -m stack.demo.pictures` takes them of the running demo, in a real browser."""

import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from stack.database import open_database
from stack.demo.accounts import SignIn, give_sign_in
from stack.demo.shops import NAMES
from stack.local import recorded_settings

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"


@dataclass(frozen=True, slots=True)
class View:
    name: str
    width: int
    height: int
    scheme: str = "light"


VIEWS = (
    View("overview", 1280, 1010),
    View("overview-dark", 1280, 1010, "dark"),
    View("overview-phone", 390, 844),
)


def main() -> None:
    settings = recorded_settings(os.environ)
    sign_in = give_sign_in(open_database(settings), NAMES)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for view in VIEWS:
            take(browser, view, settings.public_app_url, sign_in)
        browser.close()


def take(browser: Browser, view: View, url: str, sign_in: SignIn) -> None:
    size = {"width": view.width, "height": view.height}
    page = browser.new_page(viewport=size, color_scheme=view.scheme, locale="en-GB")  # type: ignore[arg-type]
    page.goto(f"{url}/sign-in")
    page.fill("[name=email]", sign_in.email)
    page.fill("[name=password]", sign_in.password)
    page.click("button[type=submit]")
    page.goto(f"{url}/shops/{NAMES[0]}/?range=28d")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{view.name}.png")
    page.close()


if __name__ == "__main__":
    main()
