"""What the form, the command line's help and the docs need to know of each option, read off the declaration."""

from __future__ import annotations

import functools
import types
import typing
from dataclasses import dataclass, field
from typing import Any, Literal

from annotated_types import Ge, Gt, Le, Lt

from lstm_studio.config.section import Section

Kind = Literal["integer", "number", "boolean", "choice", "text"]


@dataclass(frozen=True)
class OptionInfo:
    """One option. ``name`` is the field's own name; ``automatic`` is set when the value may be None."""

    name: str
    title: str
    help: str
    kind: Kind
    default: Any
    unit: str = ""
    level: str = "advanced"
    minimum: float | None = None
    maximum: float | None = None
    minimum_open: bool = False
    maximum_open: bool = False
    choices: tuple[Any, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    when: dict[str, list[Any]] = field(default_factory=dict)
    automatic: str = ""
    step: float | None = None
    logarithmic: bool = False
    tasks: list[str] = field(default_factory=list)
    file: bool = False

    def label(self, choice: Any) -> str:
        """The wording of one choice."""
        return self.labels.get(str(choice), str(choice))

    def applies(self, section: Section) -> bool:
        """Whether the option matters, given the values of its section."""
        return all(getattr(section, name) in values for name, values in self.when.items())

    def known_to(self, task: str) -> bool:
        """Whether a task has this option."""
        return not self.tasks or task in self.tasks


def options(section: type[Section], task: str | None = None) -> list[OptionInfo]:
    """All options of a section, in the order of their declaration; with a task, those that it knows."""
    return [option for option in _options(section) if task is None or option.known_to(task)]


@functools.cache
def _options(section: type[Section]) -> tuple[OptionInfo, ...]:
    hints = typing.get_type_hints(section)
    found = []
    for name, info in section.model_fields.items():
        extra: dict[str, Any] = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        kind, choices = _kind(hints[name])
        bounds: dict[str, Any] = {}
        for mark in info.metadata:
            if isinstance(mark, Ge):
                bounds["minimum"] = mark.ge
            elif isinstance(mark, Gt):
                bounds.update(minimum=mark.gt, minimum_open=True)
            elif isinstance(mark, Le):
                bounds["maximum"] = mark.le
            elif isinstance(mark, Lt):
                bounds.update(maximum=mark.lt, maximum_open=True)
        found.append(
            OptionInfo(
                name=name,
                title=info.title or name,
                help=info.description or "",
                kind=kind,
                choices=choices,
                default=info.default,
                **bounds,
                **extra,
            )
        )
    return tuple(found)


def _kind(hint: Any) -> tuple[Kind, tuple[Any, ...]]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [part for part in typing.get_args(hint) if part is not type(None)]
        if len(inner) > 1:
            return "text", ()
        hint = inner[0]
    if typing.get_origin(hint) is tuple:  # several words; no form shows them
        return "text", ()
    if typing.get_origin(hint) is Literal:
        return "choice", typing.get_args(hint)
    kinds: dict[Any, Kind] = {bool: "boolean", int: "integer", float: "number", str: "text"}
    return kinds[hint], ()
