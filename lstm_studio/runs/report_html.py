"""The plain parts of a page that stands alone: escaping, tables, tinted tokens, one style sheet, no scripts.

The page names its style sheet by its hash in a Content-Security-Policy (https://www.w3.org/TR/CSP3/), so that nothing
that a text may smuggle in could load, run or restyle anything, even if escaping failed.
"""

from __future__ import annotations

import base64
import hashlib
import html
import math
import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from lstm_studio import resources
from lstm_studio.data.languages import is_right_to_left

LONGEST = 600
"""Characters of a text that are shown."""
MOST_TOKENS = 160
LEVELS = 8
"""Depths of a tint."""
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
_ROLES = (
    "background surface surface_raised border border_strong text text_muted accent accent_soft danger success warning "
    "grid plot_train plot_validation plot_best"
).split()


def escaped(text: object) -> str:
    """A text for HTML, in elements and in quoted attributes; characters that HTML forbids become U+FFFD."""
    return html.escape(_FORBIDDEN.sub("\ufffd", str(text)), quote=True)


def given(text: object, longest: int = LONGEST) -> str:
    """A text that somebody else wrote: escaped, shortened, and isolated so that its direction stays its own."""
    whole = str(text)
    shown = whole if len(whole) <= longest else whole[:longest].rstrip() + "…"
    return f"<bdi>{escaped(shown)}</bdi>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, figures: int = 0, kind: str = "") -> str:
    """A table of cells that are HTML already; the last ``figures`` columns hold numbers."""
    first = len(head) - figures

    def cell(value: str, tag: str, number: bool) -> str:
        if value.startswith("<td"):
            return value  # those of a shaded table bring their own
        kind = ' class="n"' if number else ""
        scope = ' scope="col"' if tag == "th" else ""
        return f"<{tag}{kind}{scope}>{value}</{tag}>"

    def cells(values: Sequence[str], tag: str) -> str:
        return "".join(cell(value, tag, place >= first) for place, value in enumerate(values))

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    top = f"<thead><tr>{cells(head, 'th')}</tr></thead>" if any(head) else ""
    return f'<div class="wide"><table class="{kind}">{top}<tbody>{body}</tbody></table></div>'


def section(title: str, *parts: str) -> str:
    """A part of the page; nothing if it is empty."""
    inside = "".join(parts)
    return f"<section><h2>{escaped(title)}</h2>{inside}</section>" if inside else ""


def paragraph(text: str, kind: str = "") -> str:
    """A line of plain text."""
    own = f' class="{kind}"' if kind else ""
    return f"<p{own}>{escaped(text)}</p>" if text else ""


def cards(inside: Sequence[str]) -> str:
    """Things of one kind below each other; each is HTML."""
    found = "".join(f'<div class="card">{one}</div>' for one in inside)
    return f'<div class="cards">{found}</div>'


def figure_box(picture: str, said: str) -> str:
    """A picture and what it shows, both HTML; nothing without a picture."""
    return f"<figure>{picture}<figcaption>{said}</figcaption></figure>" if picture else ""


def tinted(tokens: Sequence[str], weights: Sequence[float], joined: bool = False) -> str:
    """Tokens over grounds that say how much each spoke for (blue, underlined) or against (orange, dotted) an answer.

    Args:
        tokens: [T].
        weights: [T], of any scale: the strongest gets the deepest tint.
        joined: Whether there are no spaces between tokens.
    """
    top = max((abs(weight) for weight in weights if math.isfinite(weight)), default=0.0) or 1.0
    found = []
    for token, weight in zip(tokens[:MOST_TOKENS], weights, strict=False):
        share = weight / top if math.isfinite(weight) else 0.0
        level = round(LEVELS * abs(share))
        name = f"{'p' if share > 0 else 'm'}{level}" if level else ""
        found.append(f'<span class="t {name}"><bdi>{escaped(token[:60])}</bdi></span>')
    if len(tokens) > MOST_TOKENS:
        found.append("…")
    line = ("" if joined else " ").join(found)
    # "auto" would not do: it passes over what is isolated, which here is every token.
    way = ' dir="rtl"' if is_right_to_left(tokens) else ""
    return f'<p class="tokens"{way}>{line}</p>'


def shaded(share: float, words: str, right: bool) -> str:
    """A cell of a table of confusions, the deeper the larger its share (0..1) of the row."""
    level = min(LEVELS, math.ceil(LEVELS * share)) if share > 0 else 0
    tint = f"{'p' if right else 'm'}{level}" if level else "mute"
    return f'<td class="n {tint}">{words}</td>'


def page(title: str, language: str, body: str) -> str:
    """The whole document; ``body`` is HTML."""
    style = stylesheet()
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!DOCTYPE html>\n<html lang="{escaped(language)}" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{escaped(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n"
        "</html>\n"
    )


@lru_cache(maxsize=1)
def stylesheet() -> str:
    """Light, dark where the reader's system is, and ink on white when it is printed; the colours are the window's."""
    light, dark = _variables("light"), _variables("dark")
    tints = "".join(
        f".p{n}{{background:color-mix(in srgb,var(--plot-train) {round(n * 45 / LEVELS)}%,var(--surface))}}"
        f".m{n}{{background:color-mix(in srgb,var(--plot-validation) {round(n * 45 / LEVELS)}%,var(--surface))}}"
        for n in range(1, LEVELS + 1)
    )
    return f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{_RULES}{tints}{_PRINT}"


def _variables(name: str) -> str:
    with resources.find("themes", f"{name}.toml").open("rb") as file:
        roles = tomllib.load(file)["roles"]
    return "".join(f"--{role.replace('_', '-')}:{roles[role]};" for role in _ROLES)


_RULES = """
*{box-sizing:border-box}
body{margin:0;background:var(--background);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;-webkit-print-color-adjust:exact;
print-color-adjust:exact}
main{max-width:1040px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:0 0 12px}
h3{font-size:15px;margin:20px 0 8px}
p{margin:0 0 8px;overflow-wrap:anywhere}
section{background:var(--surface);border:1px solid var(--border);border-radius:8px;padding:20px 24px;margin-top:16px}
.mute,.note,figcaption,dt,footer{color:var(--text-muted)}
.note,figcaption,footer{font-size:13px}
.chips{display:flex;flex-wrap:wrap;gap:8px 32px;margin:16px 0 0}
.chips div{min-width:96px}
.chips dt{font-size:13px}
.chips dd{margin:0;font-size:20px;font-variant-numeric:tabular-nums}
.chips div:first-child dd{font-size:30px;line-height:1.1;font-weight:600}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:5px 16px 5px 0;border-bottom:1px solid var(--grid);
overflow-wrap:anywhere}
th{font-size:13px;font-weight:600;color:var(--text-muted)}
tr:last-child td{border-bottom:0}
.n{text-align:right}
.settings td:first-child{color:var(--text-muted);width:260px}
.settings .changed{font-weight:600}
.confusion th,.confusion td{padding:6px 12px;border:2px solid var(--surface);min-width:52px;max-width:220px;
text-align:center}
.confusion td:first-child{text-align:right;color:var(--text-muted);white-space:nowrap;overflow:hidden;
text-overflow:ellipsis}
.many th,.many td{padding:4px 6px;min-width:36px}
.many th{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left;vertical-align:bottom;max-height:150px}
.cards{display:grid;gap:0}
.card{border-top:1px solid var(--grid);padding:12px 0}
.card:first-child{border-top:0;padding-top:0}
.card p:last-child{margin-bottom:0}
.tokens{line-height:2.1;margin:0 0 4px}
.t{padding:3px 5px;border-radius:4px;white-space:pre-wrap}
.t[class*=" p"]{border-bottom:2px solid var(--plot-train)}
.t[class*=" m"]{border-bottom:2px dotted var(--plot-validation)}
.lines{white-space:pre-wrap;margin:0;font:inherit;overflow-wrap:anywhere}
.card p:has(.label){margin:0}
.label{display:inline-block;min-width:92px;color:var(--text-muted);font-size:13px}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:24px}
figure{margin:0}
figure svg{display:block;width:100%;height:auto}
svg text{font-size:12px;fill:var(--text-muted)}
svg .axis{stroke:var(--border);stroke-width:1;fill:none}
svg .grid-line{stroke:var(--grid);stroke-width:1}
svg .faint{stroke:var(--plot-train);stroke-opacity:.28;stroke-width:1;fill:none}
svg .train{stroke:var(--plot-train);stroke-width:2;fill:none;stroke-linejoin:round}
svg .check{stroke:var(--plot-validation);stroke-width:2;fill:none;stroke-linejoin:round}
svg .dot{fill:var(--plot-validation)}
svg .best{fill:var(--plot-best)}
svg .best-line{stroke:var(--plot-best);stroke-width:1;stroke-dasharray:4 3}
svg .bar{fill:var(--accent)}
svg .pale{fill:var(--accent);fill-opacity:.35}
.key{display:inline-block;width:14px;height:0;border-top:2px solid;margin:0 6px 4px 0}
.key.train{border-color:var(--plot-train)}
.key.check{border-color:var(--plot-validation)}
.key.best{border-color:var(--plot-best);border-top-style:dashed}
figcaption span+span{margin-left:6px}
footer{margin-top:24px}
code,pre{font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:13px}
pre.use{overflow-x:auto;background:var(--surface-raised);border-radius:8px;padding:12px 16px;margin:0}
"""
_PRINT = """
@media print{body{background:#fff;font-size:12px}main{max-width:none;padding:0}
section{border:0;border-top:1px solid var(--border);border-radius:0;padding:12px 0;margin:0}
h2,h3{break-after:avoid}.card,figure,tr{break-inside:avoid}.wide{overflow:visible}}
"""
