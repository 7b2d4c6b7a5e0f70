"""The session: data in, configuration, the list of runs, and finding everything again."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import numpy as np
import pytest

from lstm_studio.config import RunConfig
from lstm_studio.data.handmade_files import HandFiles
from lstm_studio.data.handmade_kinds import HAND_KINDS
from lstm_studio.errors import StudioError
from lstm_studio.gui import i18n, settings
from lstm_studio.gui.session import History, Session
from lstm_studio.gui.session_history import SNAPSHOTS, Series
from lstm_studio.training.events import EpochEnded, GateSnapshot, RunFinished, RunStarted, StepEnded


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """120 short reviews."""
    rng = random.Random(0)
    path = tmp_path / "reviews.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["review", "mood"])
        for number in range(120):
            good = number % 2
            words = rng.choices(["film", "story", "actor", "scene", "it"], k=5)
            words.insert(rng.randrange(5), "great" if good else "awful")
            writer.writerow([" ".join(words), "good" if good else "bad"])
    return path


def open_and_wait(session: Session, path: Path, qtbot) -> None:
    session.open_file(path)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.health is not None, timeout=20_000)


def test_opening_guesses_and_examines(session: Session, reviews: Path, qtbot, heard) -> None:
    heard.on(session.notice)
    open_and_wait(session, reviews, qtbot)
    dataset = session.dataset
    assert dataset is not None
    assert dataset.health is not None
    assert (dataset.data.text, dataset.data.label) == ("review", "mood")
    assert session.config.data == dataset.data
    assert dataset.health.used_rows == 120
    assert session.settings.recent == [str(reviews)]
    assert session.loading is None
    assert session.why_not_start() == ""
    assert heard.got == []


def test_a_bad_file_is_a_sentence_and_the_old_one_stays(
    session: Session, reviews: Path, qtbot, tmp_path, heard
) -> None:
    open_and_wait(session, reviews, qtbot)
    heard.on(session.notice)
    session.open_file(tmp_path / "missing.csv")
    qtbot.waitUntil(lambda: bool(heard.got))
    assert heard.got[0].severity == "error"
    assert "missing.csv" in heard.got[0].text
    assert session.dataset is not None
    assert session.dataset.path == reviews
    assert session.load_error is not None


def test_the_last_file_asked_for_wins(session: Session, reviews: Path, qtbot, tmp_path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(reviews.read_text(encoding="utf-8"), encoding="utf-8")
    session.open_file(reviews)
    session.open_file(other)
    qtbot.waitUntil(lambda: session.dataset is not None and session.jobs.busy == 0)
    assert session.dataset is not None
    assert session.dataset.path == other


def test_loading_can_be_cancelled(session: Session, reviews: Path, qtbot) -> None:
    session.open_file(reviews)
    assert session.loading is not None
    session.cancel_loading()
    qtbot.waitUntil(lambda: session.jobs.busy == 0)
    assert session.dataset is None
    assert session.loading is None


def test_samples_and_typed_texts(session: Session, qtbot) -> None:
    session.open_sample("reber", distance=20, rows=60)
    qtbot.waitUntil(lambda: session.dataset is not None)
    assert session.dataset is not None
    assert session.dataset.sample == "reber"
    assert session.dataset.rows == 60
    rows = [("I like it, a lot", "good"), ("I do not", "bad"), ('very "nice"', "good"), ("not nice", "bad")]
    session.open_written(HandFiles(settings.folders().sets), "mine", HAND_KINDS["classification"], rows)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.rows == 4)
    assert session.dataset is not None
    assert session.dataset.table.column("text") == [text for text, _ in rows]


def test_changing_columns_guesses_the_rest_again(session: Session, reviews: Path, qtbot) -> None:
    open_and_wait(session, reviews, qtbot)
    session.set_data(tokenizer="character")
    qtbot.waitUntil(lambda: session.config.data.tokenizer == "character")
    assert session.config.data.max_length is not None
    assert session.config.data.max_length > 15
    session.set_data(max_length=7)
    assert session.dataset is not None
    assert session.dataset.data.max_length == 7
    qtbot.waitUntil(lambda: session.dataset.health.cut_fraction == 1.0, timeout=10_000)


def test_changing_the_format_reads_the_file_again(session: Session, reviews: Path, qtbot) -> None:
    open_and_wait(session, reviews, qtbot)
    session.set_data(header=False)
    qtbot.waitUntil(lambda: session.dataset is not None and session.dataset.rows == 121)


def test_wrong_values_change_nothing(session: Session) -> None:
    before = session.config
    with pytest.raises(StudioError, match="hidden_size"):
        session.change(**{"model.hidden_size": 0})
    with pytest.raises(StudioError, match="no setting"):
        session.change(**{"model.hiden": 3})
    assert session.config == before
    assert "model.hidden_size" in session.errors(**{"model.hidden_size": 0})
    assert session.errors(**{"model.hidden_size": 8}) == {}


def test_a_preset_keeps_the_file(session: Session, reviews: Path, qtbot) -> None:
    open_and_wait(session, reviews, qtbot)
    length = session.config.data.max_length
    session.apply_preset("keras_tutorial")
    assert session.config.preset == "keras_tutorial"
    assert session.config.data.max_length == 100
    assert session.config.data.text == "review"
    session.apply_preset("recommended")
    assert session.config.data.max_length == length
    session.change(**{"model.hidden_size": 9})
    assert session.config.preset is None


def test_the_estimate_counts_at_once_and_measures_later(
    session: Session, measuring: None, reviews: Path, qtbot, heard
) -> None:
    open_and_wait(session, reviews, qtbot)
    heard.on(session.estimate_changed)
    session.change(**{"model.hidden_size": 8, "model.bidirectional": False})
    assert heard.got[0].parameters > 0
    assert heard.got[0].seconds_per_epoch is None
    qtbot.waitUntil(lambda: heard.got[-1].seconds_per_epoch is not None, timeout=20_000)
    assert 0 < heard.got[-1].seconds_per_epoch < 60


def test_the_estimate_is_what_the_real_network_has(session: Session, reviews: Path, qtbot) -> None:
    from lstm_studio.data.prepare import prepare_classification

    open_and_wait(session, reviews, qtbot)
    estimate = session._estimate.now()
    prepared = prepare_classification(session.config)
    from lstm_studio.nn.parameters import count_parameters

    assert estimate.parameters == count_parameters(session.config.model, len(prepared.vocabulary), 2)


def test_everything_is_found_again(session: Session, reviews: Path, qtbot) -> None:
    open_and_wait(session, reviews, qtbot)
    session.change(**{"model.hidden_size": 24})
    session.set_data(max_length=9)
    session.save()
    loaded, complaint = settings.load()
    assert complaint is None
    again = Session(loaded)
    again.restore()
    qtbot.waitUntil(lambda: again.dataset is not None)
    assert again.config.model.hidden_size == 24
    assert again.config.data == session.config.data
    again.close()


def test_a_vanished_file_or_config_is_no_trouble(session: Session, tmp_path: Path, heard) -> None:
    heard.on(session.notice)
    session.settings.dataset = str(tmp_path / "gone.csv")
    session.settings.run = str(tmp_path / "gone")
    session.settings.config = {"model": {"hidden_size": -3}}
    session.restore()
    assert session.config.model == RunConfig().model
    assert session.loading is None
    assert heard.got == []


def test_the_command_says_the_same(session: Session) -> None:
    session.change(**{"model.hidden_size": 24, "model.bidirectional": False})
    command = session.training_command()
    assert "--set model.hidden_size=24" in command
    assert "--set model.bidirectional=false" in command


def test_questions_without_a_network_say_what_to_do(session: Session) -> None:
    failed = []
    assert session.with_predictor(lambda p: p, lambda a: None, failed.append) is None
    assert isinstance(failed[0], StudioError)


# -- history ---------------------------------------------------------------------------------------------------


def step(number: int, loss: float = 1.0) -> StepEnded:
    return StepEnded(number, 1, loss, 0.001, 0.5, 32, 320, 0.01)


def started(at: int = 0) -> RunStarted:
    return RunStarted(None, RunConfig(), ("a", "b"), 10, 2, 5, 100, 10, 100, "CPU", 1, step=at)


def test_series_grow() -> None:
    series = Series()
    for number in range(1000):
        series.append(number)
    assert (series.array == np.arange(1000)).all()
    assert not series.array.flags.writeable
    series.append(5.0)
    assert len(series) == 1001


def test_a_resumed_run_repeats_nothing() -> None:
    history = History()
    history.extend([started(), *(step(n) for n in range(1, 21))])
    history.add(EpochEnded(1, 10, 1.0, 0.9, {"accuracy": 0.5}, "accuracy", True, 1.0))
    history.add(EpochEnded(2, 20, 1.0, 0.8, {"accuracy": 0.6}, "accuracy", True, 1.0))
    history.extend([started(at=15), *(step(n, 2.0) for n in range(16, 19))])
    assert history.steps.tolist() == [*range(1, 19)]
    assert history.losses[-3:].tolist() == [2.0, 2.0, 2.0]
    assert [epoch.epoch for epoch in history.epochs] == [1]
    assert history.best is not None
    assert history.tokens_per_second[0] == pytest.approx(32_000)
    history.add(RunFinished(None, "stopped"))
    assert "Stopped" in history.log[-1]


def test_what_was_said_is_said_in_the_language_of_now() -> None:
    history = History()
    history.extend([started(), EpochEnded(1, 10, 1.0, 0.9, {"accuracy": 0.5}, "accuracy", True, 1.0)])
    before = list(history.log)
    assert any(line.startswith("Epoch 1: training loss 1.0000") for line in before)
    i18n.set_language("zh_CN")
    try:
        history.add(RunFinished(None, "stopped"))
        after = list(history.log)
        assert len(after) == len(before) + 1
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in line) for line in after)
    finally:
        i18n.set_language("en")
    assert history.log[: len(before)] == before
    assert "Stopped" in history.log[-1]


def test_snapshots_are_thinned_evenly_and_keep_the_newest() -> None:
    history = History()
    for number in range(0, 40_000, 7):
        history.add(GateSnapshot(number, "x", ("x",), ()))
    steps = [shot.step for shot in history.snapshots]
    assert len(steps) <= SNAPSHOTS + 1
    assert len(steps) > SNAPSHOTS / 4
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] == 39_998
    gaps = np.diff(steps[:-1])
    assert gaps.max() <= 3 * gaps.min()


def test_snapshots_are_bounded_by_their_size(monkeypatch):
    import numpy as np

    from lstm_studio.gui import session_history
    from lstm_studio.training.events import GateSnapshot, LayerGates

    monkeypatch.setattr(session_history, "SNAPSHOT_BYTES", 10 * 4000)
    history = session_history.History()
    for step in range(1, 500):
        layer = LayerGates(0, "forward", {"h": np.zeros((10, 100), np.float32)})
        history.add_snapshot(GateSnapshot(step, "a", ("a",), (layer,)))
        assert len(history.snapshots) <= 10
        assert history.snapshots[-1].step == step
    steps = [shot.step for shot in history.snapshots]
    assert steps[0] == 1
    assert len(steps) >= 4
