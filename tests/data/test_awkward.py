"""Every awkward file opens rightly, or is refused with a sentence that says what and where."""

from __future__ import annotations

import pytest

from lstm_studio.config import ClassificationData, GenerationData
from lstm_studio.data.guess import guess
from lstm_studio.data.health import examine
from lstm_studio.data.health_texts import examine as examine_running
from lstm_studio.data.kinds import complete
from lstm_studio.data.table import open_for, open_table
from lstm_studio.data.text_rows import row_as_read
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
    "duplicate_headers.csv": (22, ["text", "text (2)", "label"], {(0, 1): "second"}, "'text (2)'"),
    "extra_columns.csv": (40, ["id", "text", "label"], {(0, 1): "some text 0"}, "3 columns have neither"),
    "float_labels.csv": (40, ["text", "label"], {(0, 1): "1.0"}, ""),
    "folder_by_label": (
        25,
        ["text", "label", "file"],
        {(0, 1): "neg", (5, 0): "dreadful film number 3"},
        "1 in UTF-16",
    ),
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
    "pipe_separated.txt": (20, ["text", "label"], {(0, 0): "The plot is thin, but I loved it"}, ""),
    "ragged_rows.csv": (
        25,
        ["text", "label"],
        {(1, 1): "", (2, 0): "three", (2, 1): "b", (3, 0): "four, with comma"},
        "Line 3 has 1 column ",
    ),
    "text_that_is_a_path.csv": (22, ["text", "label"], {(0, 0): "../../etc/passwd"}, ""),
    "unclosed_quote.csv": (
        23,
        ["text", "label"],
        {(1, 0): '"this quote never closes'},
        "quote that opens in line 3 does not close",
    ),
    "utf16be_bom.tsv": (6, ["text", "label"], {(2, 0): "Line one\nline two"}, ""),
    "utf16le_bom.csv": (6, ["text", "label"], {(0, 0): "The plot is thin, but I loved it"}, ""),
    "utf8_bom_crlf.csv": (6, ["text", "label"], {(0, 0): "The plot is thin, but I loved it"}, ""),
    "very_long_word.csv": (21, ["text", "label"], {}, ""),
}
TAGGED = {
    # name: (rows, columns, the second row)
    "docstart_4col.conll": (10, 4, ["EU rejects German", "NNP VBZ JJ", "B-NP B-VP B-NP", "B-ORG O B-MISC"]),
    "illegal_starts.conll": (20, 2, ["London x y z", "S-LOC I-PER B-LOC I-ORG"]),
    "iob1.conll": (20, 2, ["Peter Blackburn Anna", "I-PER I-PER B-PER"]),
    "leading_blank_and_crlf.conll": (20, 2, ["c", "O"]),
    "tabs_and_spaces.conll": (10, 2, ["a b c", "O B-X O"]),
    "token_is_comma_or_hash.conll": (10, 2, ['# , "', "O B-, O"]),
}
REFUSED = {
    "broken_line_7.jsonl": "line 7: This is not valid JSON",
    "deep.json": "nested too deeply",
    "empty.csv": "The file is empty",
    "headers_only.csv": "no rows below its header",
    "not_parquet.parquet": "not a valid Parquet file",
    "only_whitespace.csv": "nothing but white space",
    "parallel_short.de": "parallel_short.en has 3 lines, parallel_short.de ends at line 2",
    "parallel_short.en": "parallel_short.en has 3 lines, parallel_short.de ends at line 2",
    "png_named.csv": "a PNG picture",
    "vectors_header_lies.vec": "word vectors",
    "vectors_ragged.txt": "word vectors",
    "vectors_word_with_space.txt": "word vectors",
    "wrong_columns_line_5.conll": "line 5: The line has 1 column, the lines before it have 2",
    "zip_named.csv": "a ZIP archive",
}
LAYOUTS = {
    # name: (encoding, separator, quotes enclose, header)
    "big5.csv": ("big5", ",", True, True),
    "gb18030.csv": ("gb18030", ",", True, True),
    "latin1_semicolon.csv": ("latin-1", ";", True, True),
    "cp1252_smart_quotes.csv": ("cp1252", ",", True, True),
    "mixed_encodings.csv": ("utf-8", ",", True, True),
    "utf16be_bom.tsv": ("utf-16", "\t", True, True),
    "utf16le_bom.csv": ("utf-16", ",", True, True),
    "utf8_bom_crlf.csv": ("utf-8", ",", True, True),
    "no_header.tsv": ("utf-8", "\t", True, False),
    "old_mac_cr.csv": ("utf-8", ",", True, True),
    "pipe_separated.txt": ("utf-8", "|", True, True),
    "unclosed_quote.csv": ("utf-8", ",", False, True),
    "parallel_empty_lines.tsv": ("utf-8", "\t", True, False),
}


def test_all_files_are_expected(shared_data):
    names = {path.name for path in (shared_data / "awkward").iterdir()}
    assert names == OPENS.keys() | TAGGED.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", sorted(OPENS))
def test_opens(shared_data, name):
    rows, columns, cells, note = OPENS[name]
    table = open_table(shared_data / "awkward" / name)
    assert table.num_rows == rows
    if columns is not None:
        assert table.columns == columns
    for (row, column), cell in cells.items():
        assert table.cell(row, column) == cell
    words = " ".join(note_.text for note_ in table.notes)
    assert note in words if note else not words, words
    assert table.format.why
    assert table.rows(0, 2)[0] == table.row(0)
    found = guess(table)
    assert found.fields["text"] != found.fields["label"]


@pytest.mark.parametrize("name", sorted(TAGGED))
def test_words_with_tags_open(shared_data, name):
    rows, columns, second = TAGGED[name]
    table = open_table(shared_data / "awkward" / name)
    assert table.format.kind == "conll"
    assert (table.num_rows, len(table.columns)) == (rows, columns)
    assert table.row(1) == second
    assert not table.notes


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_layout(shared_data, name):
    layout = open_table(shared_data / "awkward" / name).format
    assert (layout.encoding, layout.delimiter, layout.quoting, layout.header) == LAYOUTS[name]


@pytest.mark.parametrize("name", sorted(OPENS))
def test_the_settings_that_were_found_open_it_again(shared_data, name):
    path = shared_data / "awkward" / name
    table = open_table(path)
    settings, sentences = complete(ClassificationData(path=str(path)), table)
    again = open_for(settings)
    assert sentences
    assert again.columns == table.columns
    assert all(again.column(index) == table.column(index) for index in range(len(table.columns)))
    assert complete(settings, again)[0] == settings


@pytest.mark.parametrize("name", sorted(OPENS))
def test_health_of_whatever_opens(shared_data, name):
    path = shared_data / "awkward" / name
    table = open_table(path)
    settings, _ = complete(ClassificationData(path=str(path)), table)
    health = examine(table, settings)
    assert health.rows == table.num_rows
    assert health.used_rows + health.empty_rows == health.rows
    assert health.counts.sum() == health.used_rows
    assert all(len(warning.text) > 10 for warning in health.warnings)


@pytest.mark.parametrize("name", sorted(OPENS))
def test_as_running_text(shared_data, name):
    path = shared_data / "awkward" / name
    table = open_table(path)
    settings, _ = complete(GenerationData(path=str(path)), table)
    assert row_as_read(table, settings, 0)[0].tokens or not table.cell(0, table.position(settings.text)).strip()
    health = examine_running(table, settings)
    assert health.rows == table.num_rows
    assert health.used_rows + health.empty_rows == health.rows
    refused = [warning for warning in health.warnings if warning.severity == "error"]
    assert bool(refused) == (name in {"many_columns.csv", "one_row.csv"})
    assert health.tokens > 0
    assert all(len(warning.text) > 10 for warning in health.warnings)


@pytest.mark.parametrize("name", sorted(TAGGED))
def test_words_with_tags_are_no_running_text(shared_data, name):
    path = shared_data / "awkward" / name
    table = open_table(path)
    health = examine_running(table, complete(GenerationData(path=str(path)), table)[0])
    assert "does not read the format" in health.warnings[0].text
    assert "data.format = txt" in health.warnings[0].todo


@pytest.mark.parametrize(
    ("name", "row", "line"),
    [
        ("utf8_bom_crlf.csv", 3, 6),
        ("no_header.tsv", 3, 5),
        ("ragged_rows.csv", 2, 4),
        ("concatenated_pretty.json", 2, 9),
    ],
)
def test_line_numbers_count_lines_inside_of_cells(shared_data, name, row, line):
    assert open_table(shared_data / "awkward" / name).line_number(row) == line


@pytest.mark.parametrize(("name", "rows"), [("parallel_short.de", 2), ("parallel_short.en", 3)])
def test_one_of_two_files_opens_by_itself_where_it_is_asked_for(shared_data, name, rows):
    table = open_table(shared_data / "awkward" / name, format="txt")
    assert (table.num_rows, table.columns) == (rows, ["text"])
    with pytest.raises(StudioError, match="one column only"):
        guess(table)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_is_refused_with_a_sentence(shared_data, name):
    with pytest.raises(StudioError) as error:
        open_table(shared_data / "awkward" / name)
    assert REFUSED[name] in str(error.value)
    assert name in str(error.value)
    assert "\n" not in str(error.value)
