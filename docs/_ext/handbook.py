"""What the handbook adds to Sphinx: pictures of the tour, pages written by the program, coloured equations.

Nothing here is asked of a network, neither while the pages are built nor while they are read.
"""

from __future__ import annotations

import html
import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

sys.path.insert(0, str(Path(__file__).resolve().parent))

import generated

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent
KEPT = {"train-running": "train", "roles-predict": "roles", "slots-results": "results", "pairs-predict": "translation"}
"""Steps of the tour whose pictures are kept in docs/pictures under another name, for the README."""
STATE = re.compile(r"(?<![\w.])([ifogch])(?=\[(?:t|\d|S|T))")
"""A gate or state at a step: i[t], c[t-1]; not k[t], and not a letter inside a word."""


def picture_of(name: str, tour: str) -> Path | None:
    """The light picture of a step of the tour, from a folder that a tour has filled, else one of docs/pictures."""
    folder = Path(tour) if tour else None
    if folder is not None and folder.is_dir():
        found = [path for path in sorted(folder.glob(f"*-{name}-light.png")) if re.match(r"\d+-", path.name)]
        exact = [path for path in found if re.sub(r"^\d+-", "", path.name) == f"{name}-light.png"]
        if exact:
            return exact[0]
    kept = DOCS / "pictures" / f"{KEPT.get(name, name)}.png"
    return kept if kept.exists() else None


class Picture(SphinxDirective):
    """``{picture} NAME [OTHER]``: a step of the tour, or else another one; the caption alone where neither is there."""

    required_arguments = 1
    optional_arguments = 1
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        caption = " ".join(self.content)
        figure = nodes.figure("", classes=["picture"])
        found = (picture_of(name, self.config.tour_pictures) for name in self.arguments)
        path = next((picture for picture in found if picture is not None), None)
        if path is not None:
            here = Path(self.env.doc2path(self.env.docname)).parent
            image = nodes.image(uri=Path(os.path.relpath(path, here)).as_posix(), alt=self.options.get("alt", caption))
            self.add_name(image)
            figure += image
        else:
            figure["classes"].append("picture-missing")
        words, messages = self.state.inline_text(caption, self.lineno)
        figure += nodes.caption(caption, "", *words)
        return [figure, *messages]


def colour_equations(app: Sphinx, tree: nodes.document, name: str) -> None:
    """Indented blocks with gates and states get one colour for each, as everywhere in the program."""
    for block in list(tree.findall(nodes.literal_block)):
        text = block.astext()
        if block.get("language", "none") not in {"none", "default", "text"} or not STATE.search(text):
            continue
        marked = STATE.sub(r'<span class="gate gate-\1">\1</span>', html.escape(text))
        block.replace_self(nodes.raw("", f'<pre class="equations">{marked}</pre>', format="html"))


def fill_in(app: Sphinx, name: str, source: list[str]) -> None:
    """``{generated} settings`` or ``commands`` gives way to what the program says of itself."""
    language = "zh_CN" if app.config.language.startswith("zh") else "en"
    for what, write in (("settings", lambda: generated.settings(language)), ("commands", generated.commands)):
        mark = f"```{{generated}} {what}\n```"
        if mark in source[0]:
            source[0] = source[0].replace(mark, write())


def chinese_links(app: Sphinx, name: str, source: list[str]) -> None:
    """Links from Chinese pages to those that exist in English only lead to the English handbook beside it."""
    if app.config.language.startswith("zh"):
        source[0] = re.sub(r"\]\(\.\./([\w-]+)\.md(#[\w-]+)?\)", r"](en:\1\2)", source[0])


def write_colours(app: Sphinx) -> None:
    """The colours of the gates, from the themes of the window."""
    looks = {}
    for look in ("light", "dark"):
        roles = tomllib.loads((ROOT / "resources" / "themes" / f"{look}.toml").read_text(encoding="utf-8"))["roles"]
        looks[look] = "".join(f"--gate-{gate}: {roles[f'gate_{gate}']};" for gate in "ifogch")
    rules = [
        f"body {{ {looks['light']} }}",
        f"body[data-theme=dark] {{ {looks['dark']} }}",
        f"@media (prefers-color-scheme: dark) {{ body:not([data-theme=light]) {{ {looks['dark']} }} }}",
        *(f".gate-{gate} {{ color: var(--gate-{gate}); }}" for gate in "ifogch"),
    ]
    target = Path(app.outdir) / "_static" / "gates.css"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(rules) + "\n", encoding="utf-8")


def _colours_at_end(app: Sphinx, error: Exception | None) -> None:
    if error is None:
        write_colours(app)


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_config_value("tour_pictures", "", "env", str)
    app.add_directive("picture", Picture)
    app.connect("doctree-resolved", colour_equations)
    app.connect("source-read", fill_in)
    app.connect("source-read", chinese_links)
    app.connect("build-finished", _colours_at_end)
    app.add_css_file("gates.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
