"""Every awkward file opens rightly, or is refused with a sentence that says what and where."""

from __future__ import annotations

import pytest

from lstm_studio.data.guess import guess
from lstm_studio.data.table import open_table
from lstm_studio.errors import StudioError

OPENS = {
    # name: (rows, columns, {(row, column): cell}, words in a note or "")
    "array.json": (20, ["text", "label"], {(0, 0): "t 0", (1, 1): "b"}, ""),
    "bidi_and_controls.csv": (27, ["text", "label"], {(0, 0): "abc \u202egnirts\u202c def"}, ""),
    "big5.csv": (60, ["text", "label"], {(0, 0): "這家餐廳很好吃"}, ""),
    "chinese_headers.csv": (40, ["评论", "标签"], {(0, 0): "很好吃", (0, 1): "好评"}, ""),
    "class_with_one_example.csv": (41, ["text", "label"], {}, ""),
    "concatenated_pretty.json": (20, ["text", "label"], {(1, 0): "t 1"}, ""),
    "cp1252_smart_quotes.csv": (60, ["text", "label"], {(0, 0): "It’s “fine” – really"}, ""),
    "duplicate_headers.csv": (22, ["text", "text (2)", "label"], {(0, 1): "second"}, "Two columns are called 'text'"),
    "extra_columns.csv": (40, ["id", "text", "label", "column 4", "column 5", "column 6"], {(0, 1): "some text 0"}, ""),
    "float_labels.csv": (40, ["text", "label"], {(0, 1): "1.0"}, ""),
    "folder_by_label": (25, ["text", "label", "file"], {(0, 1): "neg"}, "outside the sub-folders"),
    "formula_cells.csv": (42, ["text", "label"], {(0, 0): '=HYPERLINK("http://127.0.0.1","x")'}, ""),
    "gb18030.csv": (60, ["text", "label"], {(0, 0): "酒店很干净，服务也好"}, ""),
    "good.jsonl": (5, ["text", "label"], {(2, 0): "Line one\nline two"}, ""),
    "html_and_markup.csv": (42, ["text", "label"], {(0, 1): "pos"}, ""),
    "labels_with_spaces.csv": (42, ["text", "label"], {(0, 0): "good"}, ""),
    "latin1_semicolon.csv": (60, ["text", "label"], {(0, 0): "Très bon café", (0, 1): "pos"}, ""),
    "many_classes.csv": (1400, ["text", "label"], {}, ""),
    "many_columns.csv": (3, None, {(0, 0): "v"}, ""),
    "mixed_encodings.csv": (40, ["text", "label"], {(0, 0): "good café"}, "not valid UTF-8"),
    "mixed_types.jsonl": (14, ["text", "label"], {(1, 0): "5", (2, 0): "", (0, 1): "1"}, "Line 5 holds a list"),
    "nested.jsonl": (20, ["data.text", "meta.label", "meta.n"], {(0, 2): "[1, 2]"}, ""),
    "no_header.tsv": (50, ["column 1", "column 2"], {(1, 0): 'Not "good" at all', (2, 0): "Line one\nline two"}, ""),
    "nul_bytes.csv": (22, ["text", "label"], {(0, 0): "hello"}, "NUL byte"),
    "numeric_labels.csv": (40, ["text", "label"], {(1, 1): "-1"}, ""),
    "old_mac_cr.csv": (20, ["text", "label"], {(1, 0): 'Not "good" at all'}, ""),
    "one_class.csv": (50, ["text", "label"], {}, ""),
    "one_row.csv": (1, ["text", "label"], {(0, 0): "lonely"}, ""),
    "one_very_long_text.csv": (21, ["text", "label"], {}, ""),
    "parallel_empty_lines.tsv": (40, ["column 1", "column 2"], {(1, 0): "", (1, 1): "vide"}, "Line 4 has 3 columns"),
    "parallel_short.de": (2, ["text"], {(0, 0): "eins"}, ""),
    "parallel_short.en": (3, ["text"], {(0, 0): "one"}, ""),
    "pipe_separated.txt": (20, ["text", "label"], {(0, 0): "The plot is thin, but I loved it"}, ""),
    "ragged_rows.csv": (
        25,
        ["text", "label"],
        {(1, 1): "", (2, 1): "b,extra,more", (3, 0): "four, with comma"},
        "Line 3 has 1 column ",
    ),
    "text_that_is_a_path.csv": (22, ["text", "label"], {(0, 0): "../../etc/passwd"}, ""),
    "unclosed_quote.csv": (
        23,
        ["text", "label"],
        {(1, 0): '"this quote never closes'},
        "Line 3 has a quote that never closes",
    ),
    "utf16be_bom.tsv": (6, ["text", "label"], {(2, 0): "Line one\nline two"}, ""),
    "utf16le_bom.csv": (6, ["text", "label"], {(0, 0): "The plot is thin, but I loved it"}, ""),
    "utf8_bom_crlf.csv": (6, ["text", "label"], {(0, 0): "The plot is thin, but I loved it"}, ""),
    "vectors_word_with_space.txt": (3, ["text"], {}, ""),
    "very_long_word.csv": (21, ["text", "label"], {}, ""),
}
REFUSED = {
    "broken_line_7.jsonl": "line 7: This is not valid JSON",
    "deep.json": "nested too deeply",
    "docstart_4col.conll": "words with tags",
    "empty.csv": "The file is empty",
    "headers_only.csv": "no rows below its header",
    "illegal_starts.conll": "words with tags",
    "iob1.conll": "words with tags",
    "leading_blank_and_crlf.conll": "words with tags",
    "not_parquet.parquet": "not a valid Parquet file",
    "only_whitespace.csv": "nothing but white space",
    "png_named.csv": "a PNG picture",
    "tabs_and_spaces.conll": "words with tags",
    "token_is_comma_or_hash.conll": "words with tags",
    "vectors_header_lies.vec": "word vectors",
    "vectors_ragged.txt": "word vectors",
    "wrong_columns_line_5.conll": "words with tags",
    "zip_named.csv": "a ZIP archive",
}
NOT_TO_LEARN_FROM = {"parallel_short.de", "parallel_short.en", "vectors_word_with_space.txt"}


def test_all_files_are_expected(shared_data):
    names = {path.name for path in (shared_data / "awkward").iterdir()}
    assert names == OPENS.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", sorted(OPENS))
def test_opens(shared_data, name):
    rows, columns, cells, note = OPENS[name]
    table = open_table(shared_data / "awkward" / name)
    assert table.num_rows == rows
    if columns is not None:
        assert table.columns == columns
    for (row, column), cell in cells.items():
        assert table.cell(row, column) == cell
    words = " ".join(found.text for found in table.notes)
    assert note in words if note else not words, words
    assert table.format.why
    assert table.rows(0, 2)[0] == table.row(0)
    if name in NOT_TO_LEARN_FROM:
        with pytest.raises(StudioError, match="one column only"):
            guess(table)
    else:
        found = guess(table)
        assert found.text != found.label


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_is_refused_with_a_sentence(shared_data, name):
    with pytest.raises(StudioError) as error:
        open_table(shared_data / "awkward" / name)
    assert REFUSED[name] in str(error.value)
    assert name in str(error.value)
    assert "\n" not in str(error.value)
