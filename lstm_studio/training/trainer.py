"""One run from its first batch to its last."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from lstm_studio import config as configuration
from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress
from lstm_studio.errors import StudioError
from lstm_studio.tasks.base import Evaluation, MetricInfo, Task
from lstm_studio.training import checkpoint, device, optimizers
from lstm_studio.training.atomic import clear_parts, write_tensors, write_text
from lstm_studio.training.checkpoint import Position
from lstm_studio.training.control import Order, RunControl, RunState
from lstm_studio.training.events import (
    CheckpointSaved,
    EpochEnded,
    RunFinished,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from lstm_studio.training.live import LiveModel, undisturbed
from lstm_studio.training.record import Record
from lstm_studio.training.schedules import Schedule

PAUSE_WAIT = 0.2
FLUSH_SECONDS = 1.0
Reason = Literal["completed", "early_stopped", "stopped", "cancelled"]


class _Halt(Exception):  # noqa: N818 - an order, not an error
    """Stop or cancel was asked for."""


class Trainer:
    """The state of a run in training. ``prepare`` once, ``run`` once, ``close`` always."""

    def __init__(
        self,
        task: Task,
        config: RunConfig,
        sink: Callable[[TrainingEvent], None],
        control: RunControl,
        folder: Path | None,
    ) -> None:
        self.task, self.config, self.control, self.folder = task, config, control, folder
        self._sink = sink
        self._record: Record | None = None
        self._best_weights: dict[str, Tensor] | None = None
        self._probe = ""
        self._last_probe = self._last_save = self._last_flush = time.monotonic()

    # -- before the first batch ------------------------------------------------------------------------------

    def prepare(self, progress: Progress, cache: Path | None, resume: bool) -> None:
        """Data, model, optimiser, and, with ``resume``, everything as the checkpoint left it."""
        self.device = device.resolve_device(self.config.training.device)
        threads = device.resolve_threads(self.config.training)
        torch.set_num_threads(threads)
        config = _absolute(self.config).replace(**{"training.threads": threads})
        self.prepared = self.task.prepare(config, progress, cache)
        self.config = self.prepared.config
        self.parts = self.task.parts(self.prepared)
        self.meta = self.task.meta(self.prepared)
        self.monitor = self._monitor()
        training = self.config.training
        torch.manual_seed(training.seed)
        self.model = self.task.build_model(self.config, self.meta).to(self.device)
        self.optimizer = optimizers.make(self.model.parameters(), training, self.device)
        self.extra = self.task.start(self.config, self.prepared, self.device)
        self.steps_per_epoch = len(self._order(1))
        self.schedule = Schedule(training, self.steps_per_epoch * training.epochs)
        self.amp = training.mixed_precision and self.device.type == "cuda"
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.amp)
        self.position = Position(data_key=self.prepared.key)
        self.live = LiveModel(self.model, self.config, self.task, self.meta, self.device)
        self._probe = training.probe_text or self.task.probe(self.prepared)
        # A run that was killed before its first checkpoint has lost nothing: it starts from the beginning.
        resume = resume and self.folder is not None and checkpoint.path_of(self.folder).exists()
        if resume:
            self._resume()
        if self.folder is not None:
            self._open_folder(resume)

    def _resume(self) -> None:
        assert self.folder is not None
        self.position = checkpoint.load(self.folder, self.model, self.optimizer, self.device, self.prepared.key)
        self.schedule.restore(self.position.schedule)
        if self.position.scaler:
            self.scaler.load_state_dict(self.position.scaler)
        if self.position.best is not None and not (self.folder / "model.safetensors").exists():
            raise StudioError(
                "The run's best weights are missing", where=self.folder / "model.safetensors", todo="Start a new run"
            )
        self.live.step = self.position.step

    def _open_folder(self, resume: bool) -> None:
        assert self.folder is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        clear_parts(self.folder)
        clear_parts(self.folder / checkpoint.FOLDER)
        if not resume:
            configuration.save(self.config, self.folder / "config.toml")
            write_text(self.folder / "vocabulary.json", self.meta.to_json())
        self._record = Record(self.folder / "metrics.jsonl", self.position.record_bytes if resume else None)

    def _monitor(self) -> MetricInfo:
        name = self.config.training.monitor or self.task.main_metric
        for metric in self.task.metrics:
            if metric.name == name:
                return metric
        known = ", ".join(metric.name for metric in self.task.metrics)
        raise StudioError(f"There is no figure called {name} to watch", todo=f"Set training.monitor to one of {known}")

    # -- the run ---------------------------------------------------------------------------------------------

    def run(self) -> RunFinished:
        """Train until the last epoch, an early stop, or an order."""
        self._announce()
        self.control.set_state(RunState.RUNNING)
        reason: Reason = "completed"
        position, training = self.position, self.config.training
        try:
            if position.step == 0:
                self._save()
            self._snapshot()
            while position.epoch <= training.epochs and not position.ended:
                self._epoch()
                if training.early_stopping and position.waited >= training.early_stopping:
                    position.ended = "early_stopped"
                self._save()
            if position.ended == "early_stopped":
                reason = "early_stopped"
        except _Halt:
            reason = "cancelled" if self.control.order is Order.CANCEL else "stopped"
        return self._finish(reason)

    def _announce(self) -> None:
        sizes = {name: len(part) for name, part in self.parts.items()}
        self._tell(
            RunStarted(
                run=self.folder,
                config=self.config,
                classes=tuple(self.meta.classes),
                train_examples=sizes["train"],
                validation_examples=sizes["validation"],
                vocabulary_size=self.meta.vocabulary_size,
                parameters=sum(parameter.numel() for parameter in self.model.parameters()),
                steps_per_epoch=self.steps_per_epoch,
                total_steps=self.steps_per_epoch * self.config.training.epochs,
                device=device.describe_device(self.device),
                threads=torch.get_num_threads(),
                step=self.position.step,
                notes=tuple(self.prepared.notes),
            )
        )

    def _order(self, epoch: int) -> Any:
        training = self.config.training
        return self.task.batches(self.parts["train"], training.batch_size, training.seed, epoch, True)

    def _epoch(self) -> None:
        position = self.position
        order = self._order(position.epoch)
        self.model.train()
        while position.batches_done < len(order):
            self._between()
            self._step(order[position.batches_done])
        evaluation = self._evaluate("validation")
        self._epoch_ended(evaluation)

    def _step(self, handle: Any) -> None:
        began = time.perf_counter()
        position, training = self.position, self.config.training
        batch = self.task.collate(self.parts["train"], handle, self.device)
        rate = self.schedule.rate(position.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, enabled=self.amp):
            loss = self.task.loss(self.model, batch, self.extra)
        if self.amp:
            self.scaler.scale(loss.value).backward()
            self.scaler.unscale_(self.optimizer)
        else:
            loss.value.backward()
        norm = clip_grad_norm_(self.model.parameters(), training.clip_norm or float("inf"))
        value, length = float(loss.value.detach()), float(norm)
        if value != value or (not self.amp and length != length):
            raise StudioError(
                f"The loss is no longer a number after {position.step} steps",
                why="The weights ran out of bounds",
                todo="Lower training.learning_rate, or turn training.clip_norm on",
            )
        if self.amp:
            self.scaler.step(self.optimizer)
            self.scaler.update()
        else:
            self.optimizer.step()
        position.step += 1
        position.batches_done += 1
        position.loss_sum += value * loss.examples
        position.examples += loss.examples
        self.live.step = position.step
        seconds = time.perf_counter() - began
        position.seconds += seconds
        position.epoch_seconds += seconds
        self._tell(StepEnded(position.step, position.epoch, value, rate, length, loss.examples, loss.tokens, seconds))

    def _evaluate(self, part: str) -> Evaluation:
        began = time.perf_counter()
        result: Evaluation | None = None
        with undisturbed(self.model):
            for found in self.task.evaluate(self.model, self.parts[part], self.meta, self.device):
                result = found
                if part != "test":
                    self._between()
        assert result is not None
        if part == "validation":
            seconds = time.perf_counter() - began
            self.position.seconds += seconds
            self.position.epoch_seconds += seconds
        return result

    def _epoch_ended(self, evaluation: Evaluation) -> None:
        position, metric = self.position, self.monitor
        value = evaluation.metrics[metric.name]
        best = position.best is None or (value > position.best if metric.higher_is_better else value < position.best)
        if best:
            position.best, position.best_epoch = value, position.epoch
            position.best_metrics = dict(evaluation.metrics)
            position.waited = 0
            self._keep_weights()
        else:
            position.waited += 1
        self.schedule.epoch_ended(value, metric.higher_is_better)
        train_loss = position.loss_sum / max(1, position.examples)
        figures = {name: figure for name, figure in evaluation.metrics.items() if name != "loss"}
        event = EpochEnded(
            position.epoch,
            position.step,
            train_loss,
            evaluation.metrics["loss"],
            figures,
            metric.name,
            best,
            position.epoch_seconds,
        )
        position.epoch += 1
        position.batches_done = 0
        position.loss_sum, position.examples, position.epoch_seconds = 0.0, 0, 0.0
        self._tell(event)
        self._snapshot()

    def _keep_weights(self) -> None:
        weights = {name: value.detach().to("cpu", copy=True) for name, value in self.model.state_dict().items()}
        self._best_weights = weights
        if self.folder is not None:
            write_tensors(self.folder / "model.safetensors", weights)

    # -- between two batches ---------------------------------------------------------------------------------

    def _between(self) -> None:
        """Obey orders, answer those who ask, look at the probe, save: whatever is due."""
        control = self.control
        self._serve()
        self._new_probe()
        order = control.order
        if order is Order.PAUSE:
            self._pause()
            order = control.order
        if order in {Order.STOP, Order.CANCEL}:
            raise _Halt
        now = time.monotonic()
        training = self.config.training
        if training.probe_seconds > 0 and now - self._last_probe >= training.probe_seconds:
            self._snapshot()
        if self.folder is not None and now - self._last_save >= training.checkpoint_seconds:
            self._save()
        if self._record is not None and now - self._last_flush >= FLUSH_SECONDS:
            self._record.flush()
            self._last_flush = now

    def _serve(self) -> None:
        if self.control.waiting:
            with undisturbed(self.model):
                self.control.serve(self.live)

    def _pause(self) -> None:
        self._save()
        self.control.set_state(RunState.PAUSED)
        while self.control.order is Order.PAUSE:
            self.control.wait(PAUSE_WAIT)
            self._serve()
            self._new_probe()
        self.control.set_state(RunState.RUNNING)

    def _new_probe(self) -> None:
        text = self.control.take_probe()
        if text is not None:
            self._probe = text
            self._snapshot()

    def _snapshot(self) -> None:
        if self.config.training.probe_seconds > 0 and self._probe.strip():
            self._sink(self.live.snapshot(self._probe))
        self._last_probe = time.monotonic()

    def _save(self) -> None:
        """Write the checkpoint. What it depends on is safe before: the record, then the best weights."""
        self._last_save = time.monotonic()
        if self.folder is None:
            return
        if self._record is not None:
            self.position.record_bytes = self._record.sync()
        self.position.schedule = self.schedule.state()
        if self.amp:
            self.position.scaler = self.scaler.state_dict()
        path = checkpoint.save(self.folder, self.model, self.optimizer, self.position, self.device)
        self._last_save = time.monotonic()
        self._sink(CheckpointSaved(self.position.step, path))

    # -- the end ---------------------------------------------------------------------------------------------

    def _finish(self, reason: Reason) -> RunFinished:
        position = self.position
        metrics: dict[str, float] = {}
        if reason != "cancelled":
            if reason == "stopped":
                self._save()
            if position.best is None:
                # Stopped before the first validation: what there is, is the best.
                self._keep_weights()
                self.control.set_state(RunState.RUNNING)
                with undisturbed(self.model):
                    *_, last = self.task.evaluate(self.model, self.parts["validation"], self.meta, self.device)
                assert last is not None
                metrics = dict(last.metrics)
            else:
                metrics = dict(position.best_metrics)
            if "test" in self.parts:
                self._use_best()
                metrics |= {f"test_{name}": value for name, value in self._evaluate("test").metrics.items()}
        finished = RunFinished(self.folder, reason, metrics, position.best_epoch, position.step, position.seconds)
        self._tell(finished)
        return finished

    def _use_best(self) -> None:
        if self._best_weights is None and self.folder is not None:
            self._best_weights = load_file(self.folder / "model.safetensors")
        if self._best_weights is not None:
            self.model.load_state_dict(self._best_weights)

    def _tell(self, event: TrainingEvent) -> None:
        if self._record is not None:
            self._record.write(event)
        self._sink(event)

    def close(self) -> None:
        """Close the record."""
        if self._record is not None:
            self._record.close()
            self._record = None


def _absolute(config: RunConfig) -> RunConfig:
    """Paths that stay right when the run is resumed from another folder."""
    changes: dict[str, Any] = {}
    for name in ("path", "validation", "test"):
        given = getattr(config.data, name)
        if given and not Path(given).is_absolute() and Path(given).exists():
            changes[f"data.{name}"] = str(Path(given).resolve())
    return config.replace(**changes) if changes else config
