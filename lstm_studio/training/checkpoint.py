"""The last state of a run in one file, so that no kill can leave half of it: checkpoint/state.safetensors.

Weights and optimiser are tensors; everything else is JSON in the file's metadata. No pickle. There is no random state
to keep: see training.randomness.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.optim import Optimizer

from lstm_studio.errors import StudioError
from lstm_studio.training.atomic import write_tensors

FORMAT = 1
FOLDER, NAME = "checkpoint", "state.safetensors"


@dataclass
class Position:
    """Where a run stands. All sums are exact: JSON keeps every bit of a float."""

    step: int = 0
    epoch: int = 1
    batches_done: int = 0
    loss_sum: float = 0.0
    examples: int = 0
    epoch_seconds: float = 0.0
    seconds: float = 0.0
    best: float | None = None
    best_epoch: int = 0
    best_metrics: dict[str, float] = field(default_factory=dict)
    waited: int = 0
    schedule: dict[str, Any] = field(default_factory=dict)
    scaler: dict[str, Any] = field(default_factory=dict)
    data_key: str = ""
    record_bytes: int = 0
    ended: str = ""


def path_of(folder: Path) -> Path:
    """The checkpoint of a run folder."""
    return folder / FOLDER / NAME


def save(
    folder: Path,
    model: nn.Module,
    optimizer: Optimizer,
    position: Position,
    carried: Mapping[str, Tensor] | None = None,
) -> Path:
    """Write the state, with what the next step begins with; returns its path."""
    tensors: dict[str, Tensor] = {f"model.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"carried.{name}": value for name, value in (carried or {}).items()}
    plain: dict[str, dict[str, Any]] = {}
    for index, state in optimizer.state_dict()["state"].items():
        for key, value in state.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer.{index}.{key}"] = value
            else:
                plain.setdefault(str(index), {})[key] = value
    metadata = {"format": str(FORMAT), "position": json.dumps(asdict(position)), "optimizer": json.dumps(plain)}
    target = path_of(folder)
    write_tensors(target, tensors, metadata)
    return target


def load(
    folder: Path, model: nn.Module, optimizer: Optimizer, data_key: str | None = None
) -> tuple[Position, dict[str, Tensor]]:
    """Bring model and optimiser to where the checkpoint left them; returns also what ``save`` was given as carried.

    Args:
        data_key: What the data is now; it must be what it was.

    Raises:
        StudioError: there is no checkpoint, or it is damaged or does not fit the run's configuration.
    """
    target = path_of(folder)
    if not target.exists():
        raise StudioError("The run has no checkpoint to go on from", where=folder, todo="Start it again as a new run")
    try:
        with safe_open(target, "pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        if metadata.get("format") != str(FORMAT):
            raise StudioError("The checkpoint was written by another version of LSTM Studio", where=target)
        position = Position(**json.loads(metadata["position"]))
        if data_key is not None and position.data_key != data_key:
            raise StudioError(
                "The data of this run has changed since it was started",
                where=folder,
                todo="Put the old file back, or start a new run",
            )
        plain = json.loads(metadata["optimizer"])
        model.load_state_dict({name[6:]: value for name, value in tensors.items() if name.startswith("model.")})
        state: dict[int, dict[str, Any]] = {}
        for name, value in tensors.items():
            if name.startswith("optimizer."):
                _, index, key = name.split(".", 2)
                state.setdefault(int(index), {})[key] = value
        for index, values in plain.items():
            state.setdefault(int(index), {}).update(values)
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    except (SafetensorError, OSError, KeyError, ValueError, TypeError, RuntimeError) as error:
        why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise StudioError(
            "The checkpoint is damaged or does not fit the run's configuration",
            where=target,
            why=why,
            todo="Start the run again as a new one",
        ) from None
    carried = {name.removeprefix("carried."): value for name, value in tensors.items() if name.startswith("carried.")}
    return position, carried
