"""Configurations as TOML files."""

from __future__ import annotations

import tomllib
from pathlib import Path

import tomli_w

from lstm_studio.config.atomic import replace_file
from lstm_studio.config.run import RunConfig, parse
from lstm_studio.errors import StudioError


def load(path: str | Path) -> RunConfig:
    """Read a configuration. A relative ``data.path`` stays as it is written.

    Raises:
        StudioError: no such file, not TOML (with the line), or not valid (with the fields).
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise StudioError("There is no such configuration file", where=path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudioError("The configuration file cannot be read", where=path, why=str(error)) from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise StudioError(f"The configuration is not valid TOML: {error}", where=path) from None
    return parse(values, str(path))


def dumps(config: RunConfig, *, complete: bool = True) -> str:
    """TOML text of a configuration. None has no form in TOML: such fields are left out, which means the same.

    Args:
        config: The run.
        complete: Write all fields; else only those that differ from the defaults.
    """
    values = config.model_dump(exclude_none=True, exclude_defaults=not complete)
    values = {"schema_version": config.schema_version, "task": config.task, **values}
    return tomli_w.dumps(values)


def save(config: RunConfig, path: str | Path) -> None:
    """Write a configuration; the file is complete or untouched, whatever happens meanwhile."""
    text = dumps(config)
    replace_file(Path(path), lambda beside: beside.write_text(text, encoding="utf-8", newline="\n"))
