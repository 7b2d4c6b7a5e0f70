"""The worked example of the page about ONNX."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from lstm_studio.cli.main import main

from .pages import DOCS
from .test_examples import SMALL, rows

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def test_the_example_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LSTM_STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    kind = {"positive": ["a wonderful evening", "a good film"], "negative": ["a dull evening", "not a good film"]}
    rows(tmp_path / "reviews.csv", [(text, label) for label, texts in kind.items() for text in texts * 20])
    settings = ["training.epochs=1", "data.tokenizer=treebank", *SMALL]
    assert main(["train", "--data", "reviews.csv", "--out", "reviews-run", "--set", *settings]) == 0
    assert main(["export", "reviews-run", "reviews.onnx"]) == 0
    text = (DOCS / "onnx.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text.replace("\n```", "\n\n```"), {}, "onnx.md", None, 0)
    assert len(examples.examples) > 15
    told: list[str] = []
    assert doctest.DocTestRunner().run(examples, out=told.append).failed == 0, "".join(told)
