"""Words in templates."""

import re

from flask import Flask
from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`]+)`")


def install(app: Flask) -> None:
    app.jinja_env.filters["code_words"] = code_words


def code_words(text: str) -> Markup:
    """Text in which `words` between backticks stand as code; all of it escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))
