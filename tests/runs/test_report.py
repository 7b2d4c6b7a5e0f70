"""Reports of runs: complete, of every task, in two languages; and no text of the data can do anything in them."""

from __future__ import annotations

import ast
import base64
import csv
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import lstm_studio.runs
from lstm_studio.cli.main import main
from lstm_studio.errors import StudioError
from lstm_studio.runs.report import STATUS, report, save_report
from lstm_studio.runs.report_curves import ticks
from lstm_studio.runs.report_html import given
from lstm_studio.runs.report_words import Words
from lstm_studio.runs.start import start
from lstm_studio.runs.store import RunStore
from tests.runs import paired, running, tagged, tiny

EVIL = [
    "<script>alert(1)</script> was fine",
    "\"quoted' & </style></title><img src=x onerror=alert(1)>",
    "a \u202eright to left\u202c \u200f mark and \u0000 nothing",
    "javascript:alert(1) &lt;b&gt; http://example.org/x.js",
    "long " + "word " * 400,
]
VOID = {"meta", "br", "line", "circle", "path", "rect"}
TAGS = VOID | set(
    "html head title style body main header section footer h1 h2 h3 p span div table thead tbody tr th td bdi dl dt dd "
    "figure figcaption svg text pre".split()
)
ATTRIBUTES = set(
    "lang dir charset http-equiv content name class scope viewbox role aria-label x x1 x2 y y1 y2 cx cy r rx d width "
    "height text-anchor".split()
)


class Strict(HTMLParser):
    """Takes note of every tag and attribute, and of whether each element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def checked(text: str) -> str:
    """The words of a report that holds nothing but what it may hold."""
    page = Strict(text)
    assert not page.open
    assert page.tags <= TAGS
    assert set(page.attributes) <= ATTRIBUTES
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(value for value in page.attributes["content"] if "default-src" in value)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert digest in policy
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "prefers-color-scheme:dark" in style[1]
    assert "@media print" in style[1]
    return " ".join(page.words)


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose texts, classes, name and path mean harm."""
    place = tmp_path_factory.mktemp("evil")
    path = place / "a<b>&'x.csv"
    rows = [(f"{EVIL[n % 5]} {n}", "<i>yes" if n % 2 else "no\"'>") for n in range(60)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    config = tiny.config(path, **{"training.epochs": 1, "training.probe_text": EVIL[1], "data.max_length": 40})
    start(config, lambda event: None, folder=place / "run")
    RunStore(place).rename(place / "run", "<script>name</script>\u202e")
    return place / "run"


def test_no_text_escapes(evil: Path) -> None:
    text = report(evil)
    words = checked(text)
    assert "<script>name</script>" in words
    assert "<i>yes" in words
    assert any(EVIL[place] in words for place in (0, 1, 3)), "which are answered wrong is left to chance"
    assert "<bdi>&lt;script&gt;name" in text, "its direction stays its own"
    assert "\x00" not in text
    assert len(text) < 200_000, "long texts are cut"
    assert "http://" not in "".join(re.findall(r"<[^>]*>", text))


def test_it_says_what_there_is(trained: Path, tmp_path: Path) -> None:
    words = checked(report(trained))
    for part in ("How it learned", "Validation", "What was read as what", "Answered best", "Settings", "reviews.csv"):
        assert part in words
    assert "Learning rate" in words
    chinese = checked(report(trained, language="zh_CN"))
    assert "学习过程" in chinese
    assert "回答得最好的" in chinese
    left = tmp_path / "there" / "run.html"
    assert main(["report", str(trained), str(left), "--language", "zh_CN"]) == 0
    assert "学习过程" in left.read_text(encoding="utf-8")
    assert main(["report", str(tmp_path / "none"), str(left)]) == 2


def test_all_tasks(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = checked(report(tagged.run("names", tmp_path_factory)))
    assert "PER" in names
    short = {"training.epochs": 1, "model.hidden_size": 8, "model.embedding_size": 8}
    start(
        paired.config(paired.write_tsv(tmp_path / "pairs.tsv", paired.pairs(40)), **short),
        lambda event: None,
        folder=tmp_path / "pairs",
    )
    pairs = checked(report(tmp_path / "pairs"))
    assert "chrF by length of the source" in pairs
    assert "Written" in pairs
    start(running.config(running.write(tmp_path / "lines.txt"), **short), lambda event: None, folder=tmp_path / "lines")
    lines = checked(report(tmp_path / "lines"))
    assert "Tokens that cost most" in lines
    assert "The hardest passages" in lines


def test_what_is_missing_is_left_out_with_a_sentence(copied_run: Path, tmp_path: Path) -> None:
    (copied_run / "results.json").unlink()
    (copied_run / "model.safetensors").write_bytes(b"broken")
    words = checked(report(copied_run))
    assert "The weights of the run are damaged" in words
    (copied_run / "model.safetensors").unlink()
    (copied_run / "metrics.jsonl").unlink()
    assert "No step has been taken yet." in checked(report(copied_run))
    with pytest.raises(StudioError, match="HTML"):
        save_report(copied_run, tmp_path / "a.pdf")
    (tmp_path / "b.html").mkdir()
    with pytest.raises(StudioError, match="folder"):
        save_report(copied_run, tmp_path / "b.html")
    with pytest.raises(StudioError, match="not written in"):
        report(copied_run, language="xx")


def test_every_word_of_a_report_has_a_translation() -> None:
    chinese = Words("zh_CN")
    said = set(STATUS.values())
    for path in Path(lstm_studio.runs.__file__).parent.glob("report*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"say", "count"}
            ):
                texts = node.args[: 2 if node.func.attr == "count" else 1]
                said |= {part.value for part in texts if isinstance(part, ast.Constant) and isinstance(part.value, str)}
    assert len(said) > 50
    assert not sorted(text for text in said if text not in chinese._catalogue)


def test_small_parts() -> None:
    assert given("<a>\ud800\x07") == "<bdi>&lt;a&gt;\ufffd\ufffd</bdi>"
    assert given("x" * 1000).count("x") == 600
    assert ticks(0.0, 1.0, 4) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert ticks(0.55, 0.75, 4) == [0.55, 0.6, 0.65, 0.7, 0.75]
    assert Words("en").count("{n} text", "{n} texts", 1) == "1 text"
