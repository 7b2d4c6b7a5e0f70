"""Starting, resuming, cancelling: what is left on disk, and who may train."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lstm_studio import Predictor
from lstm_studio.errors import StudioError
from lstm_studio.runs.files import FolderLock, replacing
from lstm_studio.runs.folder import RunFolder
from lstm_studio.runs.start import discard, start
from lstm_studio.runs.store import RunStore, data_title
from lstm_studio.training.control import RunControl
from lstm_studio.training.events import EpochEnded, RunFinished, RunStarted, StepEnded, TrainingEvent
from tests.runs import tiny


def stopped(folder: Path, reviews: Path, at: int = 12) -> RunFinished:
    control = RunControl()

    def sink(event: TrainingEvent) -> None:
        if isinstance(event, StepEnded) and event.step == at:
            control.stop()

    return start(tiny.config(reviews), sink, control, folder=folder)


def test_run_json_follows_the_run(tmp_path: Path, reviews: Path) -> None:
    seen: list[str] = []
    folder = tmp_path / "run"

    def sink(event: TrainingEvent) -> None:
        found = RunFolder(folder)
        if isinstance(event, (RunStarted, EpochEnded, RunFinished)):
            seen.append(found.status)
        if isinstance(event, EpochEnded):
            assert (found.info.epoch, found.info.step) == (event.epoch, event.step)
            assert (folder / "model_card.md").is_file()

    start(tiny.config(reviews, **{"training.epochs": 2}), sink, folder=folder, name="Mine")
    assert seen == ["running"] * 3 + ["finished"]
    info = RunFolder(folder).info
    assert (info.name, info.classes, info.metric) == ("Mine", ("negative", "positive"), "accuracy")
    assert info.step == info.total_steps == 16
    assert info.seconds > 0


def test_the_card_tells_what_it_is(trained: Path, reviews: Path) -> None:
    card = (trained / "model_card.md").read_text(encoding="utf-8")
    best = RunFolder(trained).info.best["accuracy"]
    for words in (
        "diagonal peephole LSTM of 12 units",
        str(reviews),
        "`review`",
        "`negative`",
        f"{best:.1%}".replace("%", " %"),
        "Limits",
    ):
        assert words in card
    assert f'lstm-studio predict "{trained}"' in card


def test_a_stopped_run_goes_on_to_the_weights_of_one_never_stopped(tmp_path: Path, reviews: Path) -> None:
    assert stopped(tmp_path / "a", reviews).reason == "stopped"
    assert RunFolder(tmp_path / "a").status == "stopped"
    assert RunStore(tmp_path).list()[0].can_resume
    start(None, lambda event: None, folder=tmp_path / "a", resume=True)
    tiny.train(tmp_path / "b", tiny.config(reviews))
    for name in ("model.safetensors", "vocabulary.json", "config.toml"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert RunFolder(tmp_path / "a").status == "finished"


def test_a_finished_run_is_not_resumed_nor_written_over(copied_run: Path, reviews: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in copied_run.iterdir()}
    with pytest.raises(StudioError, match="The run is finished"):
        start(None, lambda event: None, folder=copied_run, resume=True)
    with pytest.raises(StudioError, match="There is a run in this folder already"):
        start(tiny.config(reviews), lambda event: None, folder=copied_run)
    assert {path.name: path.stat().st_mtime_ns for path in copied_run.iterdir()} == before


def test_cancelling_a_resumed_run_keeps_what_it_came_from(tmp_path: Path, reviews: Path) -> None:
    stopped(tmp_path / "run", reviews)
    weights = (tmp_path / "run" / "checkpoint" / "state.safetensors").read_bytes()
    control = RunControl()
    control.cancel()
    finished = start(None, lambda event: None, control, folder=tmp_path / "run", resume=True)
    assert finished.reason == "cancelled"
    assert RunFolder(tmp_path / "run").status == "stopped"
    assert (tmp_path / "run" / "checkpoint" / "state.safetensors").read_bytes() == weights


def test_discarding_leaves_what_is_not_ours(tmp_path: Path, reviews: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    control = RunControl()
    control.cancel()
    finished = start(tiny.config(reviews), lambda event: None, control, folder=folder)
    assert finished.run is None
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    (folder / "notes.txt").unlink()
    discard(folder)
    assert not folder.exists()


def test_changed_data_is_refused_on_resuming_and_the_run_stays(tmp_path: Path) -> None:
    data = tiny.write_csv(tmp_path / "own.csv")
    stopped(tmp_path / "run", data)
    tiny.write_csv(data, seed=5)
    with pytest.raises(StudioError, match="data of this run has changed"):
        start(None, lambda event: None, folder=tmp_path / "run", resume=True)
    assert RunFolder(tmp_path / "run").status == "stopped"


def test_a_run_is_trained_once_at_a_time(tmp_path: Path, reviews: Path) -> None:
    folder = tmp_path / "run"
    stopped(folder, reviews)
    said: list[str] = []

    def sink(event: TrainingEvent) -> None:
        if isinstance(event, RunStarted):
            with pytest.raises(StudioError, match="being trained already") as caught:
                start(None, lambda other: None, folder=folder, resume=True)
            said.append(caught.value.what)
            with pytest.raises(StudioError, match="being trained"):
                RunStore(tmp_path).delete(folder)

    start(None, sink, folder=folder, resume=True)
    assert said
    assert RunFolder(folder).status == "finished"


@pytest.mark.skipif(os.name == "nt", reason="a kill differs")
def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from lstm_studio.runs.files import FolderLock\n"
        "lock = FolderLock(Path(sys.argv[1])); assert lock.acquire(); print('held', flush=True); time.sleep(60)"
    )
    lock = FolderLock(tmp_path / "lock")
    with subprocess.Popen([sys.executable, "-c", code, str(lock.path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert lock.held_by_somebody()
        assert not lock.acquire(0.05)
        process.kill()
        process.wait()
    assert not lock.held_by_somebody()
    assert lock.acquire()
    assert lock.held_by_somebody()
    lock.release()
    assert not FolderLock(lock.path).held_by_somebody()


def test_a_bug_while_training_is_not_swallowed_and_the_run_says_failed(tmp_path: Path, reviews: Path) -> None:
    def sink(event: TrainingEvent) -> None:
        if isinstance(event, EpochEnded):
            raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        start(tiny.config(reviews), sink, folder=tmp_path / "run")
    info = RunFolder(tmp_path / "run").info
    assert info.status == "failed"
    assert "a bug" in info.message


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    with pytest.raises(TypeError), replacing(tmp_path / "x") as file:
        file.writelines(["new", 5])
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_text() == "old"
    with replacing(tmp_path / "x") as file:
        file.write("电")
    assert (tmp_path / "x").read_bytes() == "电".encode()


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/home/me/reviews.csv", "reviews"),
        ("data/sst2/train.tsv", "sst2"),
        (r"C:\texts\Train.csv", "texts"),
        ("C:/train.csv", "train"),
        ("train.tsv", "train"),
        ("", ""),
        (".hidden", ".hidden"),
        ("./a/电影.csv.gz", "电影"),
    ],
)
def test_titles_of_data(path: str, title: str) -> None:
    assert data_title(path) == title


def test_a_predictor_is_shared_between_threads(trained: Path) -> None:
    predictor = Predictor(trained)
    texts = [text for text, _ in tiny.rows(16, 9)]
    wanted = {text: predictor.predict([text])[0].probabilities for text in texts}
    wrong: list[str] = []

    def ask(turn: int) -> None:
        for text in texts[turn:] + texts[:turn]:
            if predictor.predict([text])[0].probabilities != wanted[text]:
                wrong.append(text)
            predictor.explain(text)
            predictor.trace(text)

    threads = [threading.Thread(target=ask, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_questions_to_a_run_in_training_do_not_change_it(tmp_path: Path, reviews: Path) -> None:
    control = RunControl()
    answers: list[str] = []

    def ask(live: object) -> None:
        predictor = Predictor.from_live(live)  # type: ignore[arg-type]
        text = "the film was not good ."
        answers.append(predictor.predict([text])[0].label)
        assert len(predictor.explain(text)) == len(predictor.trace(text).tokens)

    def sink(event: TrainingEvent) -> None:
        if isinstance(event, StepEnded) and event.step % 5 == 0:
            control.submit(ask).add_done_callback(lambda future: future.result())

    start(tiny.config(reviews), sink, control, folder=tmp_path / "asked")
    tiny.train(tmp_path / "alone", tiny.config(reviews))
    assert len(answers) > 5
    assert (tmp_path / "asked" / "model.safetensors").read_bytes() == (
        tmp_path / "alone" / "model.safetensors"
    ).read_bytes()
