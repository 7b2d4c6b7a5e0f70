"""Who publishes the program: the one place of what only they can say, and its way into files. Standard library only.

Set these four before publishing; ``dev.py package`` names those that are still placeholders.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape

NAME = "The LSTM Studio authors"
"""Maintainer of the .deb, developer in AppStream, publisher on Windows."""
EMAIL = "lstm-studio@localhost"
"""Of the .deb, where bugs go."""
HOMEPAGE = ""
"""An https address; what would show it is left out while it is empty."""
APP_ID = "org.lstm_studio.LSTMStudio"
"""AppStream's, from a domain that the publisher has, "-" written "_". It must not change once it is published."""

PLACEHOLDERS = {"EMAIL": "lstm-studio@localhost", "HOMEPAGE": "", "APP_ID": "org.lstm_studio.LSTMStudio"}
"""What stands in a checkout until somebody publishes."""

_KEY = re.compile(r"@([A-Z_]+)@")


class PublisherError(Exception):
    """A value that a store or a system would turn down."""


def unset() -> list[str]:
    """Names of those that nobody has set."""
    return [name for name, value in PLACEHOLDERS.items() if globals()[name] == value]


def check() -> None:
    """Look at what was set.

    Raises:
        PublisherError: it has not the form that it must have.
    """
    for name, form, said in (
        ("NAME", r"[^<>@\n]+", "a name without < > and @"),
        ("EMAIL", r"[^\s<>@]+@[^\s<>@]+", "an address"),
        ("HOMEPAGE", r"(https://[^\s\"<>]+)?", "an https address, or empty"),
        ("APP_ID", r"[a-z]\w*(\.[A-Za-z_]\w*){2,}", "a domain backwards and a name: org.example.LSTMStudio"),
    ):
        if re.fullmatch(form, globals()[name], re.ASCII if name == "APP_ID" else 0) is None:
            raise PublisherError(f"{name} in packaging/publisher.py must be {said}")


def bundle_id() -> str:
    """The id for macOS: letters, digits, "-" and "."."""
    return APP_ID.replace("_", "-")


def developer_id() -> str:
    """AppStream's id of the publisher: that of the program without its last part."""
    return APP_ID.rpartition(".")[0]


def fill(text: str, words: Mapping[str, str], xml: bool = False) -> str:
    """A text with each @KEY@ replaced by its value; lines of empty values are left out.

    Args:
        text: With keys in it.
        words: Keys and values beside the publisher's own.
        xml: Whether the values are to be escaped.

    Raises:
        PublisherError: a value is not as it must be, or a key is not known.
    """
    check()
    known = {"NAME": NAME, "EMAIL": EMAIL, "HOMEPAGE": HOMEPAGE, "APP_ID": APP_ID, "DEVELOPER_ID": developer_id()}
    known |= words
    lines = []
    for line in text.splitlines(keepends=True):
        keys = re.findall(_KEY, line)
        if missing := [key for key in keys if key not in known]:
            raise PublisherError(f"nothing says what @{missing[0]}@ is")
        if all(known[key] for key in keys):
            lines.append(re.sub(_KEY, lambda found: escape(known[found[1]]) if xml else known[found[1]], line))
    return "".join(lines)
