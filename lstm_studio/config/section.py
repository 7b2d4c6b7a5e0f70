"""How an option of a run is declared: once, with everything the form, the command line and the docs need."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["essential", "advanced", "hidden"]


class Section(BaseModel):
    """A frozen part of a run's configuration; unknown keys are errors, so that a typo never passes unseen."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)


def option(
    default: Any,
    title: str,
    help: str,
    *,
    unit: str = "",
    level: Level = "advanced",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    labels: dict[str, str] | None = None,
    when: dict[str, tuple[Any, ...]] | None = None,
    automatic: str = "",
    step: float | None = None,
    logarithmic: bool = False,
    tasks: tuple[str, ...] = (),
    file: bool = False,
) -> Any:
    """One field of a section.

    Args:
        default: Value when the file, the form and the command line say nothing.
        title: Two or three words in sentence case; the form's label.
        help: One sentence that says what it means to a person who is new to it.
        unit: Shown after the value: "tokens", "epochs", "s". Empty for plain numbers.
        level: "essential" fields stand open in the form, "advanced" ones are folded, "hidden" ones are not shown.
        ge, gt, le, lt: Bounds, checked everywhere.
        labels: Wording of each choice of a Literal; the value itself where a choice is left out.
        when: The field matters only if each named field of the same section has one of the values.
        automatic: For a field that may be None: what None means, e.g. "guessed from the text".
        step: Step of a spin box.
        logarithmic: The form steps by factors (learning rates).
        tasks: The tasks that know this option; empty: all of them. For the others it has no effect.
        file: The value is the path of a file, to be chosen in a dialog.
    """
    extra: dict[str, Any] = {"unit": unit, "level": level}
    if labels:
        extra["labels"] = labels
    if when:
        extra["when"] = {name: list(values) for name, values in when.items()}
    if automatic:
        extra["automatic"] = automatic
    if step is not None:
        extra["step"] = step
    if logarithmic:
        extra["logarithmic"] = True
    if tasks:
        extra["tasks"] = list(tasks)
    if file:
        extra["file"] = True
    return Field(default=default, title=title, description=help, ge=ge, gt=gt, le=le, lt=lt, json_schema_extra=extra)
