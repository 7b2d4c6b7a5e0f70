"""``train`` under torchrun: the first process does what ``train`` does, the others follow it in silence."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from lstm_studio.config import RunConfig
from lstm_studio.data.places import cache_folder
from lstm_studio.errors import StudioError
from lstm_studio.training.control import RunControl
from lstm_studio.training.place import ElsewhereError, PartnerLostError, Place

if TYPE_CHECKING:
    from lstm_studio.training.parallel import World

BAD_INPUT, INTERRUPTED = 2, 130


def train_together(given: argparse.Namespace, place: Place) -> int:
    """One of the processes of a run; returns its exit status, which torchrun reports."""
    from lstm_studio.training.parallel import World

    world, lost = World(place), False
    try:
        return _lead(given, world) if world.leads else _follow(world)
    except ElsewhereError:
        return BAD_INPUT  # has been told by the process that it happened in
    except PartnerLostError as error:
        lost = True  # leaving may wait for the one that is gone
        print(f"Process {place.rank}: {error.message()}", file=sys.stderr)  # noqa: T201
        return INTERRUPTED
    finally:
        if not lost:
            world.leave()  # threads of gloo that still run when a process ends abort it


def _lead(given: argparse.Namespace, world: World) -> int:
    from lstm_studio.cli.train import lead

    try:
        return lead(given, world)
    except BaseException:
        world.give_up()
        raise


def _follow(world: World) -> int:
    """What the first process reads is what counts: its configuration, its data, its checkpoint."""
    from lstm_studio.cli.train import interruptible
    from lstm_studio.training.loop import train

    control = RunControl()
    with interruptible(control, once=True):
        try:
            finished = train(RunConfig(), lambda event: None, control, cache=cache_folder() / "prepared", world=world)
        except (ElsewhereError, PartnerLostError):
            raise
        except StudioError as error:
            print(f"Process {world.rank}: {error.message()}", file=sys.stderr)  # noqa: T201
            return BAD_INPUT
    return 0 if finished.reason in ("completed", "early_stopped") else INTERRUPTED
