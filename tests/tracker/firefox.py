"""Debian's own Firefox, spoken to over Marionette, its protocol for remote control: a number, a colon and so much JSON."""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.collector.running import free_port, until

FIREFOX = Path("/usr/bin/firefox-esr")
_PREFERENCES = {
    # pages here are on this machine, and must be out of reach, too, when the browser is offline
    "network.disable-localhost-when-offline": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "browser.tabs.warnOnClose": False,
}


class Firefox:
    """One browser with one window; scripts run in the tab that was opened last."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._stream = self._connection.makefile("rb")
        self._answer()
        self._number = 0
        self._command("WebDriver:NewSession", {})

    def open(self, url: str) -> None:
        """In a new tab; once the tracker has loaded."""
        handle = self._command("WebDriver:NewWindow", {"type": "tab", "focus": True})["handle"]
        self._command("WebDriver:SwitchToWindow", {"handle": handle})
        self._command("WebDriver:Navigate", {"url": url})
        until(lambda: self.run("return typeof window.footfall?.version == 'string'"))

    def run(self, script: str) -> Any:
        """What the script returns, in the page."""
        words = {"script": script, "args": [], "sandbox": None}
        return self._command("WebDriver:ExecuteScript", words)["value"]

    def do(self, script: str) -> None:
        """As the page itself does it, in a task of its own."""
        self.run(f"window.isDone = false; setTimeout(() => {{ {script}; window.isDone = true }})")
        until(lambda: self.run("return window.isDone !== false"))

    def close_tab(self) -> None:
        """As its button does."""
        self._run_in_browser("gBrowser.removeCurrentTab()")
        handle = self._command("WebDriver:GetWindowHandles", {})[-1]
        self._command("WebDriver:SwitchToWindow", {"handle": handle})

    def set_offline(self, is_offline: bool) -> None:
        """As "Work Offline" in its menu does."""
        self._run_in_browser(f"Services.io.offline = {json.dumps(is_offline)}")

    def close(self) -> None:
        self._stream.close()
        self._connection.close()

    def _run_in_browser(self, script: str) -> None:
        self._command("Marionette:SetContext", {"value": "chrome"})
        try:
            self.run(script)
        finally:
            self._command("Marionette:SetContext", {"value": "content"})

    def _command(self, name: str, words: dict[str, Any]) -> Any:
        self._number += 1
        text = json.dumps([0, self._number, name, words]).encode()
        self._connection.sendall(b"%d:%s" % (len(text), text))
        _, number, error, result = self._answer()
        assert number == self._number and error is None, f"{name}: {error}"
        return result

    def _answer(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            byte = self._stream.read(1)
            assert byte, "Firefox has hung up"
            length += byte
        return json.loads(self._stream.read(int(length[:-1])))


@contextmanager
def running_firefox(folder: Path) -> Iterator[Firefox]:
    """A browser without a past and without a screen; ended afterwards."""
    profile, port = folder / "profile", free_port()
    profile.mkdir()
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines) + f'user_pref("marionette.port", {port});\n')
    options = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile", str(profile)]
    with (folder / "firefox.log").open("wb") as log:
        process = subprocess.Popen([str(FIREFOX), *options], stdout=log, stderr=subprocess.STDOUT)
    try:
        until(lambda: _is_listening(port), 60)
        browser = Firefox(port)
        try:
            yield browser
        finally:
            browser.close()
    finally:
        process.terminate()
        process.wait(30)


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
