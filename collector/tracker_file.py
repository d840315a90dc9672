"""The built tracker and its types: at stable addresses, and at the one that the operator has chosen."""

import gzip
from hashlib import sha256
from pathlib import Path

from collector.answers import OPEN_TO_ALL, Answer, Refusal, error
from contracts.settings import Settings

FRESH_SECONDS = 300
TRACKER_PATH = "/footfall.js"
TYPES_PATH = "/footfall.d.ts"


class TrackerFile:
    """The file as it was when first asked for; a collector that started before the build serves it once it is there."""

    def __init__(self, path: Path, content_type: str) -> None:
        self._path = path
        self._content_type = content_type
        self._plain = self._packed = b""
        self._tag = ""

    def answer(self, if_none_match: str | None, accept_encoding: str | None) -> Answer:
        if not self._tag and not self._is_read():
            return error(404, Refusal.NOT_FOUND, "path", "The tracker is not built: run `make setup`.")
        is_packed = "gzip" in (accept_encoding or "")
        headers = (
            ("content-type", f"{self._content_type}; charset=utf-8"),
            ("etag", f'"{self._tag}"'),
            ("cache-control", f"public, max-age={FRESH_SECONDS}, stale-while-revalidate=86400"),
            ("vary", "accept-encoding"),
            ("cross-origin-resource-policy", "cross-origin"),
            *OPEN_TO_ALL,
        )
        if self._tag in (if_none_match or ""):
            return Answer(304, b"", headers)
        if is_packed:
            return Answer(200, self._packed, (*headers, ("content-encoding", "gzip")))
        return Answer(200, self._plain, headers)

    def _is_read(self) -> bool:
        try:
            self._plain = self._path.read_bytes()
        except OSError:
            return False
        self._packed = gzip.compress(self._plain, 9, mtime=0)
        self._tag = sha256(self._plain).hexdigest()[:20]
        return True


def tracker_files(settings: Settings) -> dict[str, TrackerFile]:
    """By address; the types lie beside the script."""
    script = TrackerFile(settings.tracker_file, "text/javascript")
    types = TrackerFile(settings.tracker_file.with_suffix(".d.ts"), "text/plain")
    return {TRACKER_PATH: script, settings.tracker_path: script, TYPES_PATH: types}
