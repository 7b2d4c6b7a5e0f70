"""The handbook hangs together: pages, links, pictures, settings, commands. One slow test builds it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lstm_studio.cli import main
from lstm_studio.config.data import SECTIONS, DataConfig
from lstm_studio.config.model import ModelConfig
from lstm_studio.config.training import TrainingConfig

from .pages import DOCS, FOLDERS, ROOT, commands, generated, places, text_of


@pytest.mark.parametrize("language", FOLDERS)
def test_every_page_is_in_the_contents(language: str) -> None:
    folder = FOLDERS[language]
    trees = re.findall(r"```\{toctree\}\n(.*?)```", (folder / "index.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line.strip() for tree in trees for line in tree.splitlines() if line.strip() and line[0] != ":"]
    listed = [re.sub(r".*<(.+)>", r"\1", line) for line in lines]
    assert sorted([*listed, "index"]) == sorted(path.stem for path in folder.glob("*.md"))


def test_links_lead_somewhere() -> None:
    wrong = []
    for page in [*DOCS.glob("*.md"), *(DOCS / "zh").glob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
            if re.match(r"\w+:", target):
                continue
            name, _, place = target.partition("#")
            found = (page.parent / name).resolve() if name else page
            if not found.exists() or (place and place not in places(found)):
                wrong.append(f"{page.name}: {target}")
    assert not wrong


def test_the_tour_takes_every_picture() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "lstm_studio" / "gui" / "tour").glob("*.py"))
    shots = re.findall(r"picture\(f?\"([^\"]+)\"", sources)
    patterns = [re.compile(re.sub(r"\\\{.*?\\\}", ".+", re.escape(shot))) for shot in shots]
    for page in [*DOCS.glob("*.md"), *(DOCS / "zh").glob("*.md")]:
        for names in re.findall(r"^```\{picture\} (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            for name in names.split():
                assert any(pattern.fullmatch(name) for pattern in patterns), (page.name, name)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_every_setting_is_told(language: str) -> None:
    page, words = generated().settings(language), generated().catalogue(language)
    sections = [("data", section) for section in (DataConfig, *SECTIONS.values())]
    for name, section in [*sections, ("model", ModelConfig), ("training", TrainingConfig)]:
        for field, info in section.model_fields.items():
            title, help = (words.get(text, text) for text in (str(info.title), str(info.description)))
            assert f"`{name}.{field}`" in page
            assert f"\n### {title}\n" in page
            assert generated()._plain(help) in page
            if language != "en":
                assert title != info.title or info.title in {"Adam", "CRF", "Top-k", "Top-p"}, info.title


def test_defaults_and_bounds_are_those_of_the_declaration() -> None:
    page = generated().settings()
    found = page[page.index("(model-hidden-size)=") :].split("\n\n(")[0]
    default = ModelConfig().hidden_size
    assert f"- default: `{default}` units" in found
    assert "at least 1" in found
    assert "(data-generation-units)=" in page
    assert "(data-generation-encoding)=" not in page  # told once, for all tasks


def test_every_command_and_argument_is_told() -> None:
    page = generated().commands()
    parsers = dict(generated().parsers())
    assert {"train", "evaluate", "predict", "gates", "samples export", "corpora get", "tour"} <= set(parsers)
    for name, parser in parsers.items():
        part = page.split(f"\n## {name}\n")[1].split("\n## ")[0]
        for action in generated().arguments(parser):
            assert all(option in part for option in action.option_strings), (name, action)
            assert action.option_strings or str(action.metavar or action.dest) in part, (name, action)


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda text: text[:40])
def test_commands_that_are_printed_are_understood(page: str, line: str) -> None:
    words = shlex.split(line.split(" #")[0])
    if words[1:] == ["FILE"]:
        return  # opens the window
    main._parser()[0].parse_args(words[1:])


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("language", FOLDERS)
@pytest.mark.parametrize("pictures", [False, True])
def test_it_is_built_without_a_warning(language: str, pictures: bool, tmp_path: Path) -> None:
    tour = tmp_path / "tour"
    if pictures:
        tour.mkdir()
        for number, name in enumerate(("data", "slots-data", "predict")):
            (tour / f"{number:02d}-{name}-light.png").write_bytes((DOCS / "pictures" / "data.png").read_bytes())
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-E", "-W", "--keep-going", "-c", str(DOCS)]
    command += ["-d", str(tmp_path / "trees"), "-D", f"language={'zh_CN' if language == 'zh' else 'en'}"]
    command += ["-D", f"tour_pictures={tour if pictures else ''}", str(FOLDERS[language]), str(tmp_path / "html")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for page in FOLDERS[language].glob("*.md"):
        built = (tmp_path / "html" / f"{page.stem}.html").read_text(encoding="utf-8")
        assert not re.search(r"(?:src|<link[^>]* href)=\"(?:https?:)?//", built), page.name
        for place in places(page):
            assert f'id="{place}"' in built or not place.isascii(), (page.name, place)
    data = (tmp_path / "html" / "data.html").read_text(encoding="utf-8")
    assert '<figure class="align-default picture"' in data or 'class="picture' in data
