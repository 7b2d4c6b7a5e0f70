"""What a sweep tries: a run, ranges instead of some of its settings, a budget. As TOML. Needs no Optuna."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import Field, ValidationError, field_validator

from lstm_studio.config import RunConfig, load, parse
from lstm_studio.config.describe import OptionInfo, options
from lstm_studio.config.messages import sentences
from lstm_studio.config.presets import begun
from lstm_studio.config.run import beside
from lstm_studio.config.run import dotted as said
from lstm_studio.config.section import Section
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import write_text

NOT_SWEPT = frozenset({"training.monitor", "data.path"})
"""What all trials must have in common to be compared."""
_FACTOR = {True: 10.0, False: 2.0}


class FieldRange(Section):
    """What is tried for one setting: all between two ends, or some values.

    Attributes:
        low, high: Both ends belong to the range.
        log: Draw even in the logarithm, so that 0.001 to 0.01 is as likely as 0.01 to 0.1.
        step: Distance of the values that are tried, counted from ``low``; any value when None.
        choices: Instead of the others: the values themselves.
    """

    low: int | float | None = None
    high: int | float | None = None
    log: bool = False
    step: int | float | None = None
    choices: tuple[bool | int | float | str | None, ...] | None = None


class SweepConfig(Section):
    """A sweep.

    Attributes:
        title: As people call it; trials are named after it, and Optuna's study.
        base: The run of which some settings are varied.
        fields: Dotted name -> range.
        metric: The validation figure; the task's own when "".
        runs: Trials in all, of all processes together; no limit when None.
        minutes: After so long no trial is begun any more; no limit when None.
        sampler: "tpe" learns from the trials before (Bergstra et al., 2011), "random" does not.
        pruner: "median" ends a trial that is worse after an epoch than the median of those before; "none".
        seed: Of the sampler; each trial trains with the seed of ``base``, unless training.seed is varied.
        storage: Address of an Optuna storage, or path of a journal; "" for a journal beside sweep.toml.
    """

    title: str = Field(default="sweep", min_length=1, max_length=120)
    created: str = ""
    base: RunConfig
    fields: dict[str, FieldRange]
    metric: str = ""
    runs: int | None = Field(default=20, ge=1, le=100_000)
    minutes: float | None = Field(default=None, gt=0.0, le=1e6)
    sampler: Literal["tpe", "random"] = "tpe"
    pruner: Literal["median", "none"] = "median"
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    storage: str = ""

    @field_validator("base", mode="before")
    @classmethod
    def _read_base(cls, base: Any) -> Any:
        return parse(base) if isinstance(base, Mapping) else base


def option_of(config: RunConfig, dotted: str) -> OptionInfo | None:
    """The declaration of a setting; None if the task has none of that name, or all trials must share it."""
    section, _, name = dotted.partition(".")
    part = getattr(config, section, None)
    if not isinstance(part, Section) or dotted in NOT_SWEPT:
        return None
    return next((option for option in options(type(part), config.task) if option.name == name), None)


def wrong_range(config: RunConfig, dotted: str, tried: FieldRange) -> str:
    """Empty if a range fits its setting, else a sentence without its end: "low must be at least 1, not 0"."""
    option = option_of(config, dotted)
    if option is None:
        return "there is no such setting to vary"
    if tried.choices is not None:
        if tried.low is not None or tried.high is not None or tried.step is not None or tried.log:
            return "give either choices or low and high"
        if len(set(map(repr, tried.choices))) < max(2, len(tried.choices)):
            return "needs at least two different choices"
        for choice in tried.choices:
            if found := _wrong_value(config, dotted, choice):
                return found
        return ""
    if option.kind not in ("integer", "number"):
        return "needs choices, not a range"
    if tried.low is None or tried.high is None:
        return "needs a low and a high end"
    for value in (tried.low, tried.high):
        if found := _wrong_value(config, dotted, value):
            return found
    if not tried.low < tried.high:
        return "the low end must be below the high end"
    if tried.log and tried.low <= 0:
        return "a logarithmic range must begin above 0"
    if tried.step is not None:
        if tried.log:
            return "a logarithmic range has no step"
        if not tried.step > 0 or (option.kind == "integer" and tried.step != int(tried.step)):
            return "the step must be a positive number, whole for whole numbers"
    return ""


def _wrong_value(config: RunConfig, dotted: str, value: Any) -> str:
    """What the setting's own declaration says of a value alone."""
    section, _, name = dotted.partition(".")
    try:
        type(getattr(config, section))(**{name: value})
    except ValidationError as error:
        return next(iter(sentences(error).values()))
    return ""


def check(sweep: SweepConfig, where: str = "") -> SweepConfig:
    """The sweep itself, all of it in order.

    Raises:
        StudioError: nothing is varied, a range does not fit, or there is no end to it.
    """
    if not sweep.fields:
        raise StudioError("The sweep varies nothing", where=where, todo="Give at least one setting a range")
    for dotted, tried in sweep.fields.items():
        if found := wrong_range(sweep.base, dotted, tried):
            raise StudioError(f"{dotted}: {found}", where=where)
    if sweep.runs is None and sweep.minutes is None:
        raise StudioError("The sweep has no end", where=where, todo="Set runs or minutes")
    return sweep


def suggested(config: RunConfig, dotted: str) -> FieldRange:
    """A range to begin with: around the value that is set, within the bounds of the setting."""
    option = option_of(config, dotted)
    assert option is not None
    section, _, name = dotted.partition(".")
    value = getattr(getattr(config, section), name)
    if option.kind == "boolean":
        return FieldRange(choices=(False, True))
    if option.kind not in ("integer", "number"):
        return FieldRange(choices=tuple(option.choices))
    bounded = option.minimum is not None and option.maximum is not None and option.maximum <= 1
    if bounded and not option.logarithmic:
        low, high = float(option.minimum or 0), min(float(option.maximum or 1), max(0.6, value or 0))
        return FieldRange(low=low + 0.05 * option.minimum_open, high=high - 0.05 * (high == 1))
    start = value or option.default or (1 if option.kind == "integer" else 0.01)
    factor = _FACTOR[option.logarithmic]
    low, high = start / factor, start * factor
    low = max(low, option.minimum) if option.minimum is not None else low
    high = min(high, option.maximum) if option.maximum is not None else high
    if option.kind == "integer":
        low, high = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
        return FieldRange(low=low, high=high, log=low > 0 and high >= 4 * low)
    return FieldRange(low=_round(low), high=_round(high), log=option.logarithmic and low > 0)


def _round(value: float) -> float:
    return float(f"{value:.2g}")


# -- on disk ---------------------------------------------------------------------------------------------------


def load_sweep(path: str | Path) -> SweepConfig:
    """Read a sweep. The run stands in it as [base], or in a file of its own: ``config = "reviews.toml"``.

    Raises:
        StudioError: no such file, not TOML, or not valid.
    """
    path = Path(path)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise StudioError("There is no such sweep file", where=path) from None
    except tomllib.TOMLDecodeError as error:
        raise StudioError(f"The sweep is not valid TOML: {error}", where=path) from None
    except (OSError, UnicodeDecodeError) as error:
        raise StudioError("The sweep file cannot be read", where=path, why=str(error)) from None
    values.setdefault("title", path.stem)
    for name in ("runs", "minutes"):  # who sets one of them means it alone
        if {"runs", "minutes"} & values.keys():
            values.setdefault(name, None)
    other = values.pop("config", None)
    if other is not None and "base" in values:
        raise StudioError("Both config and base say which run is varied", where=path, todo="Leave one of them out")
    if other is not None:
        file = path.parent / str(other)
        base = load(file)
        values["base"] = beside(begun(base, {"task"} & base.model_fields_set | set(said(base))), file.parent)
    elif isinstance(values.get("base"), Mapping):
        values["base"] = beside(parse(values["base"], str(path)), path.parent)
    else:
        todo = 'Add config = "FILE.toml", or its settings as [base.data], [base.model], [base.training]'
        raise StudioError("The sweep does not say which run is varied", where=path, todo=todo)
    values["fields"] = {
        name: _read_range(values["base"], name, tried) for name, tried in _flat(values.get("fields", {})).items()
    }
    try:
        sweep = SweepConfig(**values)
    except ValidationError as error:
        parts = "; ".join(f"{name}: {text}" for name, text in sentences(error).items())
        raise StudioError(f"The sweep is not valid: {parts}", where=path) from None
    return check(sweep, str(path))


def save_sweep(sweep: SweepConfig, path: Path) -> None:
    """Write a sweep, whole or not at all. Raises OSError."""
    values = sweep.model_dump(exclude_none=True)
    for name, tried in values["fields"].items():
        if "choices" in tried:
            plain = sweep.fields[name].choices or ()
            values["fields"][name] = {"choices": ["none" if choice is None else choice for choice in plain]}
        elif not tried["log"]:
            del tried["log"]
    write_text(path, tomli_w.dumps(values))


def _flat(fields: Any, before: str = "") -> dict[str, Any]:
    """[fields.model.hidden_size] is as good as [fields."model.hidden_size"]."""
    found: dict[str, Any] = {}
    for name, value in fields.items() if isinstance(fields, Mapping) else ():
        if isinstance(value, Mapping) and value and all(isinstance(inner, Mapping) for inner in value.values()):
            found.update(_flat(value, f"{before}{name}."))
        else:
            found[before + name] = value
    return found


def _read_range(base: RunConfig, dotted: str, tried: Any) -> Any:
    """TOML has no word for None: "none" stands for it where a setting may be left to the program."""
    option = option_of(base, dotted)
    if isinstance(tried, list):
        tried = {"choices": tried}
    if option is not None and option.automatic and isinstance(tried, Mapping) and "choices" in tried:
        return {**tried, "choices": [None if choice == "none" else choice for choice in tried["choices"]]}
    return tried
