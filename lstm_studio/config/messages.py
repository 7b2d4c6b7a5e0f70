"""Pydantic's errors as sentences that a person can act on."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError

from lstm_studio.errors import StudioError


def sentences(error: ValidationError) -> dict[str, str]:
    """Dotted field name -> one sentence."""
    found: dict[str, str] = {}
    for item in error.errors(include_url=False):
        name = ".".join(str(part) for part in item["loc"] if not _is_union_branch(part))
        found.setdefault(name, _sentence(item))
    return found


def explain(error: ValidationError, model: type[BaseModel], where: str = "") -> StudioError:
    """All wrong fields in one StudioError; a mistyped name gets the nearest right one."""
    parts = []
    for name, text in sentences(error).items():
        hint = ""
        if text == _UNKNOWN:
            close = difflib.get_close_matches(name, known_names(), 1, 0.6)
            hint = f" (did you mean {close[0]}?)" if close else ""
        parts.append(f"{name}: {text}{hint}" if name else text)
    what = "; ".join(parts)
    return StudioError(f"The configuration is not valid: {what}", where=where)


def known_names() -> list[str]:
    """All dotted names that a configuration may hold."""
    from lstm_studio.config.data import SECTIONS
    from lstm_studio.config.model import ModelConfig
    from lstm_studio.config.training import TrainingConfig

    names = {"task", "data", "model", "training"}
    for section in SECTIONS.values():
        names.update(f"data.{field}" for field in section.model_fields)
    names.update(f"model.{field}" for field in ModelConfig.model_fields)
    names.update(f"training.{field}" for field in TrainingConfig.model_fields)
    return sorted(names)


_UNKNOWN = "there is no such setting"


def _is_union_branch(part: Any) -> bool:
    return part in {"int", "str", "float", "bool", "none"} or (isinstance(part, str) and part.startswith("literal["))


def _sentence(item: Any) -> str:
    kind, context, given = item["type"], item.get("ctx", {}), item.get("input")
    shown = _short(given)
    match kind:
        case "extra_forbidden":
            return _UNKNOWN
        case "missing":
            return "this is needed"
        case "greater_than_equal":
            return f"must be at least {context['ge']:g}, not {shown}"
        case "greater_than":
            return f"must be more than {context['gt']:g}, not {shown}"
        case "less_than_equal":
            return f"must be at most {context['le']:g}, not {shown}"
        case "less_than":
            return f"must be less than {context['lt']:g}, not {shown}"
        case "literal_error":
            choices = context["expected"].replace("'", "").replace(" or ", ", ")
            return f"must be one of {choices}, not {shown}"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"must be a whole number, not {shown}"
        case "float_parsing" | "float_type":
            return f"must be a number, not {shown}"
        case "finite_number":
            return f"must be a finite number, not {shown}"
        case "bool_parsing" | "bool_type":
            return f"must be true or false, not {shown}"
        case "string_type":
            return f"must be text, not {shown}"
        case "value_error":
            return str(context.get("error", item["msg"]))
        case _:
            return str(item["msg"])


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
