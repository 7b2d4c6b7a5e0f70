"""Corpora: fetched by NLTK's own downloader from a server on this machine, and made into files that can be read."""

from __future__ import annotations

import json
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lstm_studio.config import ClassificationData, DataConfig
from lstm_studio.data import corpora, corpora_catalogue, corpora_download
from lstm_studio.data.documents import read_documents
from lstm_studio.data.kinds import complete, section_for, task_of
from lstm_studio.data.places import is_there, located, name_of, own_parts
from lstm_studio.data.table import open_table
from lstm_studio.errors import Cancelled, StudioError
from tests.data.corpora_server import SMALL, Corpora, entry, index_of, serve_real, serve_small, serving


@pytest.fixture
def server() -> Iterator[Corpora]:
    """One that serves nothing yet."""
    with serving() as made:
        yield made


def get(name: str, server: Corpora, **options: Any) -> Path:
    return corpora_download.download(corpora_catalogue.find(name), mirror=server.url, **options)


def lines(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in located(path).read_text(encoding="utf-8").splitlines()]


def message(error: pytest.ExceptionInfo[StudioError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


# -- fetching ------------------------------------------------------------------------------------------------


def test_a_real_corpus_is_fetched_compared_and_read(server: Corpora, shared_data: Path) -> None:
    if not (shared_data / "nltk").is_dir():
        pytest.skip("the packages of NLTK are not here")
    serve_real(server, shared_data / "nltk")
    told: list[tuple[float, str]] = []
    corpus = corpora_catalogue.find("qc")
    assert not is_there("nltk:qc/train")
    corpora_download.download(corpus, lambda share, words: told.append((share, words)), mirror=server.url)
    assert is_there("nltk:qc/train")
    assert told[-1] == (1.0, "Downloaded qc")
    assert any(words == "Downloading qc: 0.1 MB" for _, words in told)
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    table = open_table("nltk:qc/train")
    assert table.num_rows == 5452
    assert table.columns == ["text", "label", "fine"]
    assert table.row(0)[1:] == ["DESC", "DESC:manner"]
    assert table.where(0) == "nltk:qc/train, line 1"
    assert len(lines("nltk:qc/test")) == 500
    assert corpora.rows_of(corpus) == corpus.rows == 5952
    before = located("nltk:qc")
    stamp = before.stat().st_mtime_ns
    assert located(r"nltk:qc\train") == before
    assert before.stat().st_mtime_ns == stamp, "it was made once"
    asked = len(server.asked)
    get("qc", server)
    assert server.asked[asked:] == ["/index.xml"], "what is here is not fetched again"
    corpora.remove(corpus)
    assert not is_there("nltk:qc/train")
    assert not before.exists()


def test_what_cannot_be_fetched_is_said_in_a_sentence(server: Corpora, tmp_path: Path) -> None:
    serve_small(server, {"qc": SMALL["qc"]})
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}/index.xml"
    corpus = corpora_catalogue.find("qc")
    with pytest.raises(StudioError, match="cannot be reached") as error:
        corpora_download.download(corpus, mirror=closed)
    assert "mirror" in message(error)
    with pytest.raises(StudioError, match="no list of corpora at this address"):
        corpora_download.download(corpus, mirror=f"{server.url}elsewhere/index.xml")
    with pytest.raises(StudioError, match="no web address"):
        corpora_download.download(corpus, mirror="somewhere")
    server.pages["/page.xml"] = b"<html><p>hello</html>"
    with pytest.raises(StudioError, match="is no list of corpora"):
        corpora_download.download(corpus, mirror=f"{server.url}page.xml")
    with pytest.raises(StudioError, match="does not have this corpus"):
        get("conll2000", server)
    taken = tmp_path / "a file"
    taken.write_text("", encoding="utf-8")
    with pytest.raises(StudioError, match="cannot be written to this folder"):
        get("qc", server, folder=taken)
    del server.pages["/corpora/qc.zip"]
    with pytest.raises(StudioError, match="qc cannot be fetched"):
        get("qc", server)
    assert not corpora.is_here(corpus)


def test_what_does_not_fit_its_check_sum_is_thrown_away(server: Corpora) -> None:
    serve_small(server, SMALL)
    good = server.pages["/corpora/conll2002.zip"]
    server.pages["/corpora/conll2002.zip"] = good[:-1] + bytes([good[-1] ^ 1])
    with pytest.raises(StudioError, match="its check sum is another one") as error:
        get("conll2002-es", server)
    assert "conll2002" in message(error)
    assert not list((corpora.folder() / "corpora").iterdir())
    server.pages["/corpora/conll2002.zip"] = good
    get("conll2002-es", server)
    assert is_there("nltk:conll2002-es")


def test_a_broken_archive_is_told_of_and_can_be_fetched_anew(server: Corpora) -> None:
    broken = b"PK no archive at all"
    server.pages["/corpora/qc.zip"] = broken
    server.pages["/index.xml"] = index_of([entry("qc", broken, 20, server.url)])
    with pytest.raises(StudioError, match="cannot be unpacked"):
        get("qc", server)
    assert not is_there("nltk:qc")
    (corpora.folder() / "corpora" / "qc.zip").write_bytes(broken)  # it came to harm later
    with pytest.raises(StudioError, match="damaged.*lstm-studio corpora get qc --again"):
        located("nltk:qc")
    serve_small(server, SMALL)
    get("qc", server, again=True)
    assert len(lines("nltk:qc")) == 60


def test_a_full_disk_is_said_before_anything_is_fetched(server: Corpora, monkeypatch: pytest.MonkeyPatch) -> None:
    serve_small(server, SMALL)
    usage = shutil._ntuple_diskusage(10**9, 10**9, 1000)  # type: ignore[attr-defined]
    monkeypatch.setattr(corpora_download.shutil, "disk_usage", lambda place: usage)
    with pytest.raises(StudioError, match="not enough room"):
        get("movie_reviews", server)
    assert server.asked == []


def test_cancelling_leaves_nothing_and_the_next_try_goes_through(server: Corpora) -> None:
    serve_small(server, SMALL)
    whole = bytes(100_000)

    def slowly(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for start in range(0, len(whole), 1000):
                handler.wfile.write(whole[start : start + 1000])
                handler.wfile.flush()
                time.sleep(0.01)
        except OSError:
            pass

    server.pages["/index.xml"] = index_of([entry("qc", whole, len(whole), server.url)])
    server.pages["/corpora/qc.zip"] = slowly

    def progress(share: float, words: str) -> None:
        if share > 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        corpora_download.download(corpora_catalogue.find("qc"), progress, mirror=server.url)
    assert not list((corpora.folder() / "corpora").iterdir())
    serve_small(server, SMALL)
    get("qc", server)
    seen: list[str] = []

    def stop(share: float, words: str) -> None:
        seen.append(words)
        raise Cancelled

    with pytest.raises(Cancelled):
        located("nltk:qc", stop)
    assert seen == ["Preparing qc"]
    assert not [path for path in corpora._store().folder.glob("*") if path.is_dir()]


def test_only_the_named_server_may_be_a_private_one(server: Corpora) -> None:
    with serving() as other:
        serve_small(server, SMALL)
        server.pages["/index.xml"] = server.pages["/index.xml"].replace(server.url.encode(), other.url.encode())
        serve_small(other, SMALL)
        with pytest.raises(StudioError, match="NLTK refuses this address"):
            get("comtrans-de-en", server)
        assert other.asked == []


def test_the_folder_is_the_chosen_one_or_that_of_nltk(
    server: Corpora, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_small(server, SMALL)
    own = corpora.folder()
    monkeypatch.setenv("NLTK_DATA", str(tmp_path / "shared"))
    assert corpora.folder() == tmp_path / "shared"
    get("gutenberg", server)
    monkeypatch.delenv("NLTK_DATA")
    assert corpora.folder() == own
    assert not is_there("nltk:gutenberg")
    settings = own.parent.parent / "config" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(
        json.dumps({"corpora_folder": str(tmp_path / "shared"), "corpora_mirror": "mirror"}), encoding="utf-8"
    )
    assert is_there("nltk:gutenberg/train")
    with pytest.raises(StudioError, match="no web address"):
        corpora_download.address()
    assert corpora_download.address("https://example.org/nltk/") == "https://example.org/nltk/index.xml"


# -- reading -------------------------------------------------------------------------------------------------


def test_all_corpora_become_what_the_program_takes_them_for(server: Corpora) -> None:
    serve_small(server, SMALL)
    for corpus in corpora_catalogue.CATALOGUE:
        if not set(corpus.packages) <= set(SMALL):
            continue
        get(corpus.name, server)
        for part in corpus.parts:
            table = open_table(f"nltk:{corpus.name}/{part}")
            assert task_of(table) == corpus.task, corpus.name
            data, _ = complete(section_for(corpus.task, DataConfig(path=f"nltk:{corpus.name}/{part}")), table)
            assert data.path == f"nltk:{corpus.name}/{part}"
    assert lines("nltk:reuters")[0] == {"text": "REPORT 0 Prices rose & fell .", "label": "grain"}
    assert len(lines("nltk:reuters/train")) == 9, "the report with two topics is left out"
    assert len(lines("nltk:reuters/test")) == 4
    assert lines("nltk:comtrans-de-en")[7] == {"source": "Schöne Nummer 7 !", "target": "Nice number 7 !"}
    assert {row["label"] for row in lines("nltk:subjectivity")[:2]} == {"subj", "obj"}
    assert open_table("nltk:conll2002-es/test").num_rows == 16
    assert located("nltk:conll2002-es").read_text(encoding="utf-8").startswith("Sao\tB-LOC\nPaulo\tI-LOC\n")
    assert located("nltk:treebank").read_text(encoding="utf-8").splitlines()[:4] == [
        "Mr.\tNNP",
        "Vinken\tNNP",
        "wants\tVBZ",
        "to\tTO",
    ]
    assert [document[:6] for document in read_documents("nltk:gutenberg")] == ["[Emma ", "Tyger,"]


def test_roles_are_spans_of_words_without_traces(server: Corpora) -> None:
    serve_small(server, SMALL)
    get("propbank", server)
    first, second, third = lines("nltk:propbank")  # the fourth stands in no tree that is here
    words = "Mr. Vinken wants to join the board Nov. .".split()
    assert first["tokens"] == second["tokens"] == words
    assert (first["predicate"], second["predicate"], third["predicate"]) == (2, 4, 1)
    assert first["tags"] == "B-ARG0 I-ARG0 B-V B-ARG1 I-ARG1 I-ARG1 I-ARG1 I-ARG1 O".split()
    assert second["tags"] == "B-ARG0 I-ARG0 O O B-V B-ARG1 I-ARG1 B-ARGM-TMP O".split()
    assert third["tags"] == ["B-ARG0", "B-V", "O"]


def test_a_corpus_alone_means_its_own_parts() -> None:
    data = own_parts(ClassificationData(path="nltk:qc"))
    assert (data.path, data.validation, data.test) == ("nltk:qc/train", None, "nltk:qc/test")
    own = own_parts(DataConfig(path="nltk:conll2002-es", test="mine.conll"))
    assert (own.validation, own.test) == ("nltk:conll2002-es/validation", "mine.conll")
    assert own_parts(DataConfig(path="nltk:qc/train")).test is None
    assert own_parts(DataConfig(path="qc.csv")) == DataConfig(path="qc.csv")
    assert name_of("nltk:qc/train") == "qc (train)"
    with pytest.raises(StudioError, match="Did you mean conll2002-es or conll2002-nl"):
        located("nltk:conll2002")
    with pytest.raises(StudioError, match="has no part called 'dev'"):
        located("nltk:qc/dev")
    with pytest.raises(StudioError, match="lstm-studio corpora get qc"):
        located("nltk:qc")
