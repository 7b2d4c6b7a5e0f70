"""A server of corpora on this machine, as NLTK's: an index and archives, small ones written here or real ones."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_ORIGINAL = "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/"


class Corpora:
    """What is served. ``pages`` may be changed at any time; a page may also be a function that answers itself."""

    def __init__(self, pages: dict[str, Any], url: str) -> None:
        self.pages, self.url = pages, url
        self.asked: list[str] = []

    @property
    def index(self) -> str:
        """Address of the index."""
        return f"{self.url}index.xml"


@contextmanager
def serving() -> Iterator[Corpora]:
    """Serve pages until the block ends."""
    corpora: Corpora

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            corpora.asked.append(self.path)
            page = corpora.pages.get(self.path)
            if page is None:
                self.send_error(404)
            elif callable(page):
                page(self)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

        def log_message(self, *parts: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    corpora = Corpora({}, f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield corpora
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def serve_real(corpora: Corpora, folder: Path) -> None:
    """Serve a folder of NLTK's packages; the addresses in its index become those of the server."""
    index = (folder / "index.xml").read_text(encoding="utf-8")
    corpora.pages["/index.xml"] = index.replace(_ORIGINAL, corpora.url).encode()
    for archive in (folder / "corpora").glob("*.zip"):
        corpora.pages[f"/corpora/{archive.name}"] = archive.read_bytes()


def serve_small(corpora: Corpora, packages: Mapping[str, Mapping[str, str]]) -> None:
    """Serve packages that hold these files: name -> name of a file -> its text."""
    entries = []
    for name, files in packages.items():
        whole = io.BytesIO()
        encoded = {file: text.encode("latin-1" if name == "comtrans" else "utf-8") for file, text in files.items()}
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for file, data in encoded.items():
                archive.writestr(f"{name}/{file}", data)
        content = whole.getvalue()
        size = sum(map(len, encoded.values()))
        corpora.pages[f"/corpora/{name}.zip"] = content
        entries.append(entry(name, content, size, corpora.url))
    corpora.pages["/index.xml"] = index_of(entries)


def entry(name: str, content: bytes, unpacked: int, url: str) -> str:
    """A package in an index."""
    md5 = hashlib.md5(content).hexdigest()
    return (
        f'<package id="{name}" name="{name}" unzip="1" unzipped_size="{unpacked}" size="{len(content)}" '
        f'checksum="{md5}" subdir="corpora" url="{url}corpora/{name}.zip" />'
    )


def index_of(entries: list[str]) -> bytes:
    """An index of packages."""
    return f"<nltk_data><packages>{''.join(entries)}</packages><collections /></nltk_data>".encode()


_TREES = (
    "( (S (NP-SBJ-1 (NNP Mr.) (NNP Vinken)) (VP (VBZ wants) (S (NP-SBJ (-NONE- *-1)) (VP (TO to) "
    "(VP (VB join) (NP (DT the) (NN board)) (NP-TMP (NNP Nov.)))))) (. .) ))\n"
    "( (S (NP-SBJ (PRP He)) (VP (VBD left)) (. .) ))\n"
)
_MORE_TREES = "".join(
    f"( (S (NP-SBJ (NNP Name{n})) (VP (VBD saw{n}) (NP (DT the) (NN thing{n % 7}))) (. .) ))\n" for n in range(20)
)
_PROPS = (
    # Words are counted with traces: 0 Mr. 1 Vinken 2 wants 3 *-1 4 to 5 join 6 the 7 board 8 Nov. 9 .
    "wsj/00/wsj_0001.mrg 0 2 gold want.01 vp--a 0:1-ARG0 2:0-rel 3:2-ARG1\n"
    "wsj/00/wsj_0001.mrg 0 5 gold join.01 vn--a 0:1*3:0-ARG0 5:0-rel 6:1-ARG1 8:1-ARGM-TMP\n"
    "wsj/00/wsj_0001.mrg 1 1 gold leave.01 vp--a 0:1-ARG0 1:0-rel\n"
    "wsj/20/wsj_2000.mrg 0 1 gold leave.01 vp--a 0:1-ARG0 1:0-rel\n"
)
_SPANISH = "Sao NC B-LOC\nPaulo VMI I-LOC\n( Fpa O\n\nEl DA O\nrey NC O\nJuan NC B-PER\n\n" * 8
SMALL: dict[str, dict[str, str]] = {
    "qc": {
        "train.txt": "".join(
            f"{('NUM:dist How far', 'HUM:ind Who', 'LOC:city Which town')[n % 3]} is number {n} ?\n" for n in range(60)
        ),
        "test.txt": "".join(f"{('NUM:dist How far', 'HUM:ind Who')[n % 2]} is number {n} ?\n" for n in range(10)),
    },
    "movie_reviews": {
        **{f"pos/cv{n:03}_{n}.txt": f"a warm and clever film number {n} .\nit moved me .\n" for n in range(12)},
        **{f"neg/cv{n:03}_{n}.txt": f"a dull and noisy film number {n} .\nit bored me .\n" for n in range(12)},
    },
    "subjectivity": {
        "quote.tok.gt9.5000": "".join(f"smart and funny , number {n} is a joy from start to end .\n" for n in range(9)),
        "plot.tok.gt9.5000": "".join(f"a man loses {n} keys and looks for them all over town .\n" for n in range(9)),
    },
    "reuters": {
        "cats.txt": "".join(
            [f"training/{n} {'grain wheat' if n == 3 else ('grain', 'trade')[n % 2]}\n" for n in range(10)]
            + [f"test/{n} {('grain', 'trade')[n % 2]}\n" for n in range(20, 24)]
        ),
        **{
            f"{'training' if n < 20 else 'test'}/{n}": f"REPORT {n}\n  Prices rose & fell .\n"
            for n in (*range(10), *range(20, 24))
        },
    },
    "conll2002": {
        **{f"esp.{part}": _SPANISH for part in ("train", "testa", "testb")},
        **{f"ned.{part}": "De Art O\nKoning N B-PER\n\n" * 3 for part in ("train", "testa", "testb")},
    },
    "treebank": {"combined/wsj_0001.mrg": _TREES + _MORE_TREES, "combined/README": "nothing"},
    "propbank": {"prop.txt": _PROPS, "verbs.txt": "join\nleave\nwant\n"},
    "comtrans": {
        f"alignment-{pair}.txt": "".join(f"{one} {n} !\n{two} {n} !\n0-0 1-1 2-2\n" for n in range(8))
        for pair, one, two in (
            ("de-en", "Schöne Nummer", "Nice number"),
            ("en-fr", "Nice number", "Beau numéro"),
            ("de-fr", "Schöne Nummer", "Beau numéro"),
        )
    },
    "gutenberg": {
        "austen-emma.txt": "[Emma by Jane Austen 1816]\n\nEmma Woodhouse, handsome, clever, and rich,\nlived well.\n"
        * 8,
        "blake-poems.txt": "Tyger, tyger, burning bright\nIn the forests of the night\n\n" * 9,
    },
}
