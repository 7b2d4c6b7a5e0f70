"""RunConfig: everything that a run is, in one frozen object."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SerializeAsAny, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails

from lstm_studio.config.data import SECTIONS, DataConfig
from lstm_studio.config.messages import explain
from lstm_studio.config.model import ModelConfig
from lstm_studio.config.section import Section
from lstm_studio.config.together import conflicts
from lstm_studio.config.training import TrainingConfig
from lstm_studio.errors import StudioError

SCHEMA_VERSION = 2
FILES = ("data.path", "data.validation", "data.test", "data.parallel", "model.vectors", "model.target_vectors")
"""Options that name files."""
LAYOUT = ("path", "format", "encoding", "delimiter", "quoting", "header", "parallel")
"""Fields of [data] that say how its file is read."""


class RunConfig(Section):
    """A run: its task, data, model and training.

    ``data`` is an instance of the section that the task declares in ``config.data.SECTIONS``.
    """

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1, le=SCHEMA_VERSION)
    task: str = "classification"
    preset: str | None = None
    data: SerializeAsAny[DataConfig] = Field(default_factory=DataConfig)
    model: ModelConfig = Field(default_factory=ModelConfig)
    training: TrainingConfig = Field(default_factory=TrainingConfig)

    @field_validator("task")
    @classmethod
    def _known_task(cls, task: str) -> str:
        if task not in SECTIONS:
            raise ValueError(f"must be one of {', '.join(SECTIONS)}, not {task!r}")
        return task

    @field_validator("data", mode="before")
    @classmethod
    def _choose_data_section(cls, data: Any, info: ValidationInfo) -> Any:
        section = SECTIONS.get(info.data.get("task", ""), DataConfig)
        if isinstance(data, Mapping):
            return section(**data)
        if isinstance(data, DataConfig) and not isinstance(data, section):
            return section(**data.model_dump(include=set(section.model_fields)))
        return data

    @field_validator("model")
    @classmethod
    def _goes_with_the_rest(cls, model: ModelConfig, info: ValidationInfo) -> ModelConfig:
        task, data = info.data.get("task", ""), info.data.get("data")
        # Either is missing where it is wrong itself.
        found = conflicts(task, data, model) if task and isinstance(data, DataConfig) else {}
        if found:
            wrong: list[InitErrorDetails] = [
                {"type": "value_error", "loc": (name,), "input": getattr(model, name), "ctx": {"error": sentence}}
                for name, sentence in found.items()
            ]
            # Raised in here, it names the fields of [model] that it is about.
            raise ValidationError.from_exception_data("model", wrong)
        return model

    def replace(self, **dotted: Any) -> RunConfig:
        """A copy with some fields changed, e.g. ``config.replace(**{"model.hidden_size": 256})``.

        Raises:
            StudioError: a name or a value is wrong.
        """
        values = self.model_dump()
        for name, value in dotted.items():
            _assign(values, name, value)
        section = SECTIONS.get(values["task"], type(self.data))
        if section is not type(self.data):
            # Another task has other settings and other defaults; what was said of the old ones stays, to be refused by
            # name if there is no such setting.
            plain = type(self.data)().model_dump()
            said = {name.removeprefix("data.") for name in dotted if name.startswith("data.")}
            values["data"] = {k: v for k, v in values["data"].items() if k in said or v != plain[k]}
        return parse(values)

    @property
    def files(self) -> dict[str, str]:
        """The ``FILES`` that are named: option, dotted -> path as it was given."""
        found = {}
        for option in FILES:
            section, _, field = option.partition(".")
            if given := getattr(getattr(self, section), field, None):
                found[option] = str(given)
        return found


def beside(config: RunConfig, folder: Path, *, first: bool = False) -> RunConfig:
    """A configuration with the files that are not found from here, but from where it lies.

    Args:
        folder: Where it lies.
        first: Whether those that lie there come before those that are found from here.
    """
    changes = {
        option: str(folder.resolve() / given)
        for option, given in config.files.items()
        if not Path(given).is_absolute() and (first or not Path(given).exists()) and (folder / given).exists()
    }
    return config.replace(**changes) if changes else config


def dotted(config: RunConfig) -> list[str]:
    """The settings that a configuration was given, and did not take from the defaults: "training.epochs"."""
    return [
        f"{section}.{name}"
        for section in ("data", "model", "training")
        for name in sorted(getattr(config, section).model_fields_set)
    ]


def parse(values: Mapping[str, Any], where: str = "") -> RunConfig:
    """Validate a nested mapping.

    Raises:
        StudioError: says which field is wrong, what it may be, and where it stands.
    """
    from lstm_studio.config.migrate import migrate

    values = migrate(dict(values), where)
    try:
        return RunConfig(**values)
    except ValidationError as error:
        raise explain(error, RunConfig, where) from None


def field_errors(values: Mapping[str, Any]) -> dict[str, str]:
    """Dotted field name -> sentence, for showing errors at the fields of a form. Empty when all is well."""
    from lstm_studio.config.messages import sentences

    try:
        RunConfig(**values)
    except ValidationError as error:
        return sentences(error)
    return {}


def _assign(values: dict[str, Any], dotted: str, value: Any) -> None:
    *path, last = dotted.split(".")
    place = values
    for part in path:
        inner = place.get(part)
        if not isinstance(inner, dict):
            raise StudioError(f"There is no setting called {dotted}", todo=_similar(values, dotted))
        place = inner
    if last not in place:
        raise StudioError(f"There is no setting called {dotted}", todo=_similar(values, dotted))
    place[last] = value


def _similar(values: Mapping[str, Any], dotted: str) -> str:
    import difflib

    names = [f"{s}.{k}" for s, inner in values.items() if isinstance(inner, dict) for k in inner] + ["task"]
    close = difflib.get_close_matches(dotted, names, 3, 0.5)
    return f"Did you mean {' or '.join(close)}?" if close else ""


def assign_text(config: RunConfig, *assignments: str) -> RunConfig:
    """Apply ``--set section.field=value`` of the command line; the value is read as TOML, else as text.

    Several are applied at once, so that they only need to fit together when all of them are set.

    Raises:
        StudioError: no "=" in it, unknown field, or a value out of bounds.
    """
    return config.replace(**dict(_assignment(config, text) for text in assignments)) if assignments else config


def _assignment(config: RunConfig, assignment: str) -> tuple[str, Any]:
    """Dotted name and value."""
    import tomllib

    name, equals, text = assignment.partition("=")
    if not equals:
        raise StudioError(f"--set {assignment} has no value", todo="Write --set model.hidden_size=256")
    value: Any
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        value = text
    if value == "none" and _accepts_none(config, name.strip()):
        value = None
    return name.strip(), value


def _accepts_none(config: RunConfig, dotted: str) -> bool:
    section, _, field = dotted.partition(".")
    owner = getattr(config, section, None)
    if not isinstance(owner, Section) or field not in type(owner).model_fields:
        return False
    extra = type(owner).model_fields[field].json_schema_extra
    return isinstance(extra, dict) and "automatic" in extra
