"""How fast a trained network writes: translations of a test in batches against one by one, and characters a second.

Beam search of 5 over Multi30k's 1,000 test sentences as the studio does it, in batches, against the same search given a
sentence at a time, which is what fairseq's generator does with a batch of 1 (every fifth sentence, times five). One
thread, processor time; both must write the same. The translator is a run folder, or a small one that is trained once
(256 units, an epoch) and kept in out/bench. Characters: a model of 256 units, one text, one thread.

As a script:  python tests/benchmarks/bench_decoding.py [--run RUN_DIR] [--repeats 3] [--characters 2000] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from figures import DATA, Row, folder, in_turns, keep, ratio, single, timed

from lstm_studio.config import parse
from lstm_studio.runs.predictor import Predictor
from lstm_studio.runs.start import start

LEAST, CHARACTERS = 8.0, 1_000
EVERY = 5
"""Of the sentences, one in so many is decoded alone."""


def translator() -> Path | None:
    """The run that is kept, trained when it is not there; None without Multi30k."""
    run, data = folder() / "translator", DATA / "multi30k"
    if (run / "model.safetensors").exists():
        return run
    if not data.exists():
        return None
    say("training a small translator, once (some minutes)")
    files = {"path": str(data / "train.de"), "parallel": str(data / "train.en"), "validation": str(data / "val.de")}
    training = {"epochs": 1, "batch_size": 64, "device": "cpu", "keep_epochs": "none"}
    config = {"task": "translation", "data": files, "model": {"hidden_size": 256, "bidirectional": False}}
    start(parse({**config, "training": training}), lambda event: None, folder=run)
    return run


def translating(run: Path, repeats: int, profile: bool) -> tuple[list[Row], dict[str, Any]]:
    """Batches against one by one."""
    predictor = Predictor(run)
    texts = (DATA / "multi30k" / "test_2016_flickr.de").read_text(encoding="utf-8").splitlines()
    fifth = texts[::EVERY]
    told: dict[str, list[str]] = {}

    def batched() -> None:
        told["batched"] = [one.best.text for one in predictor.predict(texts, beams=5)]

    def alone() -> None:
        told["alone"] = [predictor.predict([text], beams=5)[0].best.text for text in fifth]

    if profile:
        shown(batched)
        shown(alone)
    taken = in_turns(
        {"batched": timed(batched, time.process_time), "alone": timed(alone, time.process_time)}, repeats, warm_up=0
    )
    each = [EVERY * seconds for seconds in taken["alone"]]
    same = sum(a == b for a, b in zip(told["batched"][::EVERY], told["alone"], strict=True))
    words = sum(len(text.split()) for text in told["batched"])
    note = f"{len(fifth)} of {len(texts)} sentences alone, scaled up; {same} of {len(fifth)} written alike"
    what = f"beam 5, {len(texts):,} sentences, {words:,} words written"
    row = ratio(6, what, taken["batched"], each, "one by one", "s", least=LEAST, note=note)
    say(f"{what}: {row.figure:.1f} s, one by one {row.peer_figure:.1f} s: {row.ratio:.1f} times; {note}")
    return [row], {"batched": taken["batched"], "alone": each, "alike": same}


def writer(place: Path) -> Predictor:
    """A model of characters, hardly trained: what is written costs the same."""
    chosen = DATA / "tinyshakespeare" / "input.txt"
    text = chosen.read_text(encoding="utf-8")[:60_000] if chosen.exists() else "to be, or not to be: that is\n" * 2_000
    (place / "text.txt").write_text(text, encoding="utf-8")
    data = {"path": str(place / "text.txt"), "tokenizer": "character"}
    training = {"epochs": 1, "device": "cpu", "threads": 1, "keep_epochs": "none"}
    config = {"task": "generation", "data": data, "model": {"hidden_size": 256}, "training": training}
    start(parse(config), lambda event: None, folder=place / "run")
    return Predictor(place / "run")


def writing(characters: int, repeats: int, profile: bool) -> tuple[list[Row], dict[str, Any]]:
    """Characters a second, of one text."""
    with tempfile.TemporaryDirectory() as place:
        predictor = writer(Path(place))
        layers = predictor.config.model.layers

        def write() -> None:
            found = predictor.predict(["First Citizen:\n"], longest=characters, until="never", seed=1)[0]
            assert len(found.output) == characters

        if profile:
            shown(write)
        taken = in_turns({"write": timed(write, time.process_time)}, repeats)["write"]
    speeds = [characters / seconds for seconds in taken]
    what = f"characters written, {layers} layer(s) of 256 units"
    say(f"{what}: {statistics.median(speeds):,.0f} a second")
    return [single(6, what, speeds, "a second", least=CHARACTERS)], {"characters": speeds}


def shown(work: Any) -> None:
    """Where its time goes."""
    profile = cProfile.Profile()
    profile.runcall(work)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(18)


def say(text: str) -> None:
    """A line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, help="folder of a translator from German")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--characters", type=int, default=2_000)
    parser.add_argument("--profile", action="store_true", help="also print where the time goes")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    rows, told = writing(chosen.characters, chosen.repeats, chosen.profile)
    run = chosen.run or translator()
    torch.set_num_threads(1)
    if run is None:
        say("translation skipped: ../shared/data/multi30k is not there")
    else:
        more, told["translation"] = translating(run, chosen.repeats, chosen.profile)
        rows = [*more, *rows]
    keep("decoding", rows, told)


if __name__ == "__main__":
    main()
