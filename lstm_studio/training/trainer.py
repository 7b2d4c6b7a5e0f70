"""One run from its first batch to its last."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from safetensors.torch import load_file
from torch import Tensor

from lstm_studio import config as configuration
from lstm_studio.config import RunConfig
from lstm_studio.data.progress import Progress
from lstm_studio.errors import StudioError
from lstm_studio.tasks.base import Evaluation, Holding, MetricInfo, Task
from lstm_studio.training import checkpoint, crew, device, kept, randomness
from lstm_studio.training.atomic import clear_parts, write_tensors, write_text
from lstm_studio.training.checkpoint import Position
from lstm_studio.training.control import Order, RunControl, RunState
from lstm_studio.training.events import (
    CheckpointSaved,
    EpochEnded,
    RunFailed,
    RunFinished,
    RunStarted,
    StepEnded,
    TrainingEvent,
)
from lstm_studio.training.live import LiveModel, undisturbed
from lstm_studio.training.place import PartnerLostError
from lstm_studio.training.probe import Probe
from lstm_studio.training.record import Record
from lstm_studio.training.stepper import Stepper

if TYPE_CHECKING:
    from lstm_studio.training.parallel import World

PAUSE_WAIT = 0.2
RESULTS = "results.json"
FLUSH_SECONDS = 1.0
Reason = Literal["completed", "early_stopped", "stopped", "cancelled"]


class _Halt(Exception):  # noqa: N818 - an order, not an error
    """Stop or cancel was asked for."""


class Trainer:
    """The state of a run in training. ``prepare`` once, ``run`` once, ``close`` always.

    Where several processes train together (``world``), each has one, and all go through the same steps; process 0 has
    the folder, evaluates and is listened to.
    """

    def __init__(
        self,
        task: Task,
        config: RunConfig,
        sink: Callable[[TrainingEvent], None],
        control: RunControl,
        folder: Path | None,
        world: World | None = None,
    ) -> None:
        self.task, self.config, self.control, self.folder = task, config, control, folder
        self._world = world
        self._leads = world is None or world.leads
        self._asked = Order.RUN
        self._sink = sink
        self._record: Record | None = None
        self._best_weights: dict[str, Tensor] | None = None
        self._results: dict[str, Any] = {}
        self._last_save = self._last_flush = time.monotonic()
        self._aside = 0.0
        """Seconds spent between batches: pauses, looks inside, checkpoints. They are not training."""

    # -- before the first batch ------------------------------------------------------------------------------

    def prepare(self, progress: Progress, cache: Path | None, resume: bool) -> None:
        """Data, model, optimiser, and, with ``resume``, everything as the checkpoint left it."""
        world = self._world
        read = partial(self._read, progress, cache)
        self.prepared = read() if world is None else world.in_turn(read)
        self.config = self.prepared.config
        self.monitor = self._monitor()
        self.parts = self.task.parts(self.prepared)
        self.meta = self.task.meta(self.prepared)
        training = self.config.training
        if world is not None:
            world.compare(self.prepared.key + self.meta.to_json(), training.batch_size)
        randomness.begin(torch.device("cpu"), training.seed, -1)
        self.model = self.task.build_model(self.config, self.meta)
        self.task.initialise(self.model, self.prepared)
        self.model.to(self.device)
        self._drawn: tuple[int, Any] = (1, self._order(1))
        self.steps_per_epoch = len(self._drawn[1])
        if world is None:
            extras = crew.started(self.task, self.config, self.prepared, self.model, self._drawn[1], self.device)
        else:
            extras = [self.task.start(self.config, self.prepared, self.device)]
        total = self.steps_per_epoch * training.epochs
        self.stepper = Stepper(self.task, self.model, training, extras, self.device, total, world)
        self.position = Position(data_key=self.prepared.key)
        self.live = LiveModel(self.model, self.config, self.task, self.meta, self.device, folder=self.folder)
        text = (training.probe_text or self.task.probe(self.prepared)) if self._leads else ""
        self.probe = Probe(self.live, partial(self.control.probe_seconds, training.probe_seconds), text)
        # A run that was killed before its first checkpoint has lost nothing: it starts from the beginning.
        resume = resume and self.folder is not None and checkpoint.path_of(self.folder).exists()
        if world is not None:
            resume = self._resume_together(world, resume)
        elif resume:
            self._resume()
        if self.folder is not None:
            self._open_folder(resume)

    def _read(self, progress: Progress, cache: Path | None) -> Any:
        training, world = self.config.training, self._world
        self.device = (device.resolve_device if world is None else world.device)(training.device)
        threads = (device.resolve_threads if world is None else world.threads)(training)
        torch.set_num_threads(threads)
        config = absolute(self.config).replace(**{"training.threads": threads})
        return self.task.prepare(config, progress, cache)

    def _resume_together(self, world: World, resume: bool) -> bool:
        """Take the checkpoint that process 0 has, wherever the others are; whether there is one."""

        def read() -> bytes:
            if not resume or self.folder is None:
                return b""
            self._resume()
            return checkpoint.path_of(self.folder).read_bytes()

        with world.placed(read) as place:
            if place is not None and not world.leads:
                self._take_checkpoint(place)
            return place is not None

    def _resume(self) -> None:
        assert self.folder is not None
        vocabulary, weights = self.folder / "vocabulary.json", self.folder / "model.safetensors"
        # The key tells changed data; the file tells a program that reads the same data in another way.
        key = self.prepared.key
        if vocabulary.exists() and vocabulary.read_text(encoding="utf-8") != self.meta.to_json():
            key = ""
        self._take_checkpoint(self.folder, key)
        if self.position.best is not None and not weights.exists():
            raise StudioError("The run's best weights are missing", where=weights, todo="Start a new run")
        self.live.step = self.position.step

    def _take_checkpoint(self, folder: Path, key: str | None = None) -> None:
        key = self.prepared.key if key is None else key
        self.position, carried = checkpoint.load(folder, self.model, self.stepper.optimizer, key)
        self.stepper.restore(self.position.schedule, self.position.scaler, carried)

    def _open_folder(self, resume: bool) -> None:
        assert self.folder is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        clear_parts(self.folder)
        clear_parts(self.folder / checkpoint.FOLDER)
        clear_parts(self.folder / kept.FOLDER)
        kept.clear_after(self.folder, self.position.epoch - 1)
        if not resume:
            configuration.save(self.config, self.folder / "config.toml")
            write_text(self.folder / "vocabulary.json", self.meta.to_json())
            self.task.keep(self.prepared, self.folder)
        self._record = Record(self.folder / "metrics.jsonl", self.position.record_bytes if resume else None)

    def _monitor(self) -> MetricInfo:
        name = self.config.training.monitor or self.task.watched(self.config)
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
            reason = "cancelled" if self._asked is Order.CANCEL else "stopped"
        except PartnerLostError:
            with suppress(OSError):  # why it ends matters more
                self._save_alone()
            raise
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
                device=("" if self._world is None else f"{self._world.size} × ") + device.describe_device(self.device),
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
        known, order = self._drawn
        if known != position.epoch:
            order = self._order(position.epoch)
        self._drawn = (0, None)  # a million rows have a large one
        if isinstance(self.task, Holding):
            self.stepper.hold(self.task.held(self.model, self.config), position.epoch)
        self.model.train()
        while position.batches_done < len(order):
            self._between()
            self._step(order[position.batches_done])
        self._epoch_ended(self._validate())

    def _step(self, handle: Any) -> None:
        began = time.perf_counter()
        position = self.position
        if self._world is not None:
            self._world.wish(self._wish())
        done = self.stepper.step(self.parts["train"], handle, position.step)
        position.step += 1
        position.batches_done += 1
        position.loss_sum += done.loss * done.examples
        position.examples += done.examples
        self.live.step = position.step
        seconds = time.perf_counter() - began
        position.seconds += seconds
        position.epoch_seconds += seconds
        self._tell(
            StepEnded(
                position.step, position.epoch, done.loss, done.rate, done.norm, done.examples, done.tokens, seconds
            )
        )

    def _evaluate(self, part: str, between: Callable[[], None], quick: bool = False) -> Evaluation:
        """Read a part without learning; ``between`` is called after each batch and may raise _Halt.

        Of several processes the first one reads; the others wait for its figures.
        """
        if self._world is None:
            return self._evaluate_here(part, between, quick)
        return self._world.evaluated(lambda told: self._evaluate_here(part, told, quick), between, self._wish)

    def _evaluate_here(self, part: str, between: Callable[[], None], quick: bool) -> Evaluation:
        result: Evaluation | None = None
        with undisturbed(self.model):
            reading = self.task.evaluate(self.model, self.config, self.parts[part], self.meta, self.device, quick=quick)
            for found in reading:
                result = found
                between()
        assert result is not None
        return result

    def _validate(self) -> Evaluation:
        began, aside = time.perf_counter(), self._aside
        result = self._evaluate("validation", self._between, quick=True)
        seconds = time.perf_counter() - began - (self._aside - aside)
        self.position.seconds += seconds
        self.position.epoch_seconds += seconds
        return result

    def _epoch_ended(self, evaluation: Evaluation) -> None:
        position, metric = self.position, self.monitor
        value = evaluation.metrics[metric.name]
        best = metric.better(value, position.best)
        if best:
            position.best, position.best_epoch = value, position.epoch
            position.best_metrics = dict(evaluation.metrics)
            position.waited = 0
            self._keep_weights()
            self._results = {"validation": _results(evaluation)}
            self._write_results()
        else:
            position.waited += 1
        self._keep_epoch()
        self.stepper.schedule.epoch_ended(best)
        event = EpochEnded(
            position.epoch,
            position.step,
            position.loss_sum / max(1, position.examples),
            evaluation.metrics["loss"],
            {name: figure for name, figure in evaluation.metrics.items() if name != "loss"},
            metric.name,
            best,
            position.epoch_seconds,
            evaluation.samples,
        )
        position.epoch += 1
        position.batches_done = 0
        position.loss_sum, position.examples, position.epoch_seconds = 0.0, 0, 0.0
        self._tell(event)
        self._snapshot()

    def _weights(self) -> dict[str, Tensor]:
        """A copy of the weights as they are."""
        return {name: value.detach().to("cpu", copy=True) for name, value in self.model.state_dict().items()}

    def _keep_weights(self) -> None:
        self._best_weights = self._weights()
        if self.folder is not None:
            write_tensors(self.folder / "model.safetensors", self._best_weights)

    def _keep_epoch(self) -> None:
        """Keep the weights of this epoch; unless it is one to keep, only until the next, in case it is the last."""
        training, epoch = self.config.training, self.position.epoch
        if self.folder is None or training.keep_epochs == "none":
            return
        size = sum(value.numel() * value.element_size() for value in self.model.state_dict().values())
        wanted = kept.chosen(training.keep_epochs, training.epochs, size)
        if wanted:
            write_tensors(kept.path_of(self.folder, epoch), self._weights())
            kept.thin_out(self.folder, wanted, epoch)

    def _write_results(self) -> None:
        """What the best weights get right and wrong, for the result view."""
        if self.folder is None:
            return
        if "validation" not in self._results:  # of a run that was resumed and got no better
            self._results = {**read_results(self.folder), **self._results}
        write_text(self.folder / RESULTS, json.dumps(self._results, ensure_ascii=False))

    # -- between two batches ---------------------------------------------------------------------------------

    def _wish(self, busy: bool = False) -> Any:
        """What this process wants of all, see ``parallel.Heard``."""
        from lstm_studio.training.parallel import Heard

        return Heard(self.control.order, self._save_is_due(), busy)

    def _save_is_due(self) -> bool:
        wait = self.config.training.checkpoint_seconds
        return self.folder is not None and time.monotonic() - self._last_save >= wait

    def _order_now(self) -> Order:
        """What was asked for; of several processes, what all have heard of at the last step."""
        self._asked = self.control.order if self._world is None else self._world.heard.order
        return self._asked

    def _between(self) -> None:
        """Obey orders, answer those who ask, look at the probe, save: whatever is due."""
        began = time.perf_counter()
        self._answer()
        order = self._order_now()
        if order is Order.PAUSE:
            self._save()
            self._pause()
            order = self._order_now()
        if order in {Order.STOP, Order.CANCEL}:
            raise _Halt
        now = time.monotonic()
        if self.probe.due:
            self._snapshot(whole=False)
        if self._save_is_due() if self._world is None else self._world.heard.save:
            self._save()
        if self._record is not None and now - self._last_flush >= FLUSH_SECONDS:
            self._record.flush()
            self._last_flush = now
        self._aside += time.perf_counter() - began

    def _closing(self, stops: bool) -> None:
        """Between two batches after the last step, where there is nothing left to save. Cancel always ends it, stop
        only if it has not been obeyed before."""
        self._answer()
        if self._order_now() is Order.PAUSE:
            self._pause()
        order = self._order_now()
        if order is Order.CANCEL or (stops and order is Order.STOP):
            raise _Halt

    def _answer(self) -> None:
        """Serve requests, and look at a new probe at once."""
        if self.control.waiting:
            with undisturbed(self.model):
                self.control.serve(self.live)
        text = self.control.take_probe()
        if text is not None:
            self.probe.text = text
            self._snapshot()

    def _pause(self) -> None:
        self.control.set_state(RunState.PAUSED)
        while self._order_now() is Order.PAUSE:
            self.control.wait(PAUSE_WAIT)
            self._answer()
            if self._world is not None:
                self._world.exchange(self._wish())
        self.control.set_state(RunState.RUNNING)

    def _snapshot(self, whole: bool = True) -> None:
        shot = self.probe.look(whole=whole)
        if shot is not None:
            self._sink(shot)

    def _save(self) -> None:
        """Write the checkpoint. What it depends on is safe before: the record, then the best weights."""
        if self.folder is None and self._world is None:
            return
        self._write_state(self.stepper.carried())

    def _save_alone(self) -> None:
        """When another process is lost in the midst of a step: what the last one has left, unless a part of that is
        gone too."""
        if not self.stepper.carries:
            self._write_state({})

    def _write_state(self, carried: dict[str, Tensor]) -> None:
        if self.folder is None:
            return
        if self._record is not None:
            self.position.record_bytes = self._record.sync()
        self.position.schedule = self.stepper.schedule.state()
        self.position.scaler = self.stepper.scaler_state()
        path = checkpoint.save(self.folder, self.model, self.stepper.optimizer, self.position, carried)
        self._last_save = time.monotonic()
        self._sink(CheckpointSaved(self.position.step, path))

    # -- the end ---------------------------------------------------------------------------------------------

    def _finish(self, reason: Reason) -> RunFinished:
        if reason == "stopped":
            self._save()
        metrics: dict[str, float] = {}
        try:
            if reason != "cancelled":
                self._last_figures(metrics, stops=reason != "stopped")
        except _Halt:
            if self._asked is Order.CANCEL:
                reason, metrics = "cancelled", {}
        position = self.position
        finished = RunFinished(self.folder, reason, metrics, position.best_epoch, position.step, position.seconds)
        self._tell(finished)
        return finished

    def _last_figures(self, metrics: dict[str, float], stops: bool) -> None:
        """Fill in the figures of the best weights; raises _Halt when it was told to end."""

        def between() -> None:
            self._closing(stops)

        if self.position.best is None:
            # Stopped before the first validation: what there is, is the best.
            self._keep_weights()
            found = self._evaluate("validation", between)
            metrics.update(found.metrics)
            self._results = {"validation": _results(found)}
            self._write_results()
        else:
            metrics.update(self.position.best_metrics)
        if "test" in self.parts:
            self._use_best()
            found = self._evaluate("test", between)
            metrics.update({f"test_{name}": value for name, value in found.metrics.items()})
            self._results["test"] = _results(found)
            self._write_results()

    def _use_best(self) -> None:
        if self._best_weights is None and self.folder is not None:
            self._best_weights = load_file(self.folder / "model.safetensors")
        if self._best_weights is not None:
            self.model.load_state_dict(self._best_weights)

    def _tell(self, event: TrainingEvent) -> None:
        if self._record is not None:
            self._record.write(event)
        self._sink(event)

    def close(self, failure: RunFailed | None = None) -> None:
        """Close the record, after writing down what made the run fail."""
        if self._record is None:
            return
        record, self._record = self._record, None
        try:
            if failure is not None:
                record.write(failure)
            record.close()
        except OSError:
            # A full disk may be what made it fail; a record of unwritten lines helps nobody.
            return


def _results(evaluation: Evaluation) -> dict[str, Any]:
    return {"metrics": evaluation.metrics, **evaluation.details}


def read_results(folder: Path) -> dict[str, Any]:
    """What ``results.json`` of a run folder holds: part -> metrics and details; nothing where there is none."""
    try:
        found = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def absolute(config: RunConfig) -> RunConfig:
    """Paths that stay right when the run is resumed from another folder."""
    changes = {
        option: str(Path(given).resolve())
        for option, given in config.files.items()
        if not Path(given).is_absolute() and Path(given).exists()
    }
    return config.replace(**changes) if changes else config
