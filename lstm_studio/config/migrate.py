"""Configurations of older versions, brought up to date step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstm_studio.errors import StudioError


def _duplicates(values: dict[str, Any]) -> dict[str, Any]:
    """Dropping duplicates was an option of its own before there were remedies."""
    data = values.get("data")
    if isinstance(data, dict) and data.pop("drop_duplicates", False) is True:
        data["remedies"] = [*data.get("remedies", ()), "drop_duplicates"]
    return values


STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _duplicates}
"""Version n -> the function that turns a configuration of version n into one of version n + 1."""


def migrate(values: dict[str, Any], where: str = "") -> dict[str, Any]:
    """Bring a configuration to the current schema version; a file that states none is current.

    Raises:
        StudioError: the file comes from a newer program, or its version is no number.
    """
    from lstm_studio.config.run import SCHEMA_VERSION

    version = values.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise StudioError(f"schema_version must be a whole number of at least 1, not {version!r}", where=where)
    if version > SCHEMA_VERSION:
        raise StudioError(
            "The configuration was written by a newer version of LSTM Studio", where=where, todo="Update LSTM Studio"
        )
    while version < SCHEMA_VERSION:
        values = STEPS[version](values)
        version += 1
        values["schema_version"] = version
    return values
