"""Tables in text files: whatever separates their cells, no row and no cell is lost."""

from pathlib import Path

import pytest

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import _sheet, delimited
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()


def parsed(folder: Path, content: str | bytes, name: str = "table.csv") -> ParsedDocument:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return delimited.parse(path, SETTINGS)


def lines(document: ParsedDocument) -> list[str]:
    return [row for page in document.pages for b in page.blocks for row in b.text.split("\n")]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, mark: str) -> None:
    rows = ["имя,цена,сколько", 'лодка,"1{0} 5",2', "весло,3,4"]
    content = "\n".join(rows).replace(",", mark).format(mark)
    expected = f"лодка | 1{mark} 5 | 2" if mark.strip() else "лодка | 1 5 | 2"
    assert lines(parsed(tmp_path, content)) == ["имя | цена | сколько", expected, "весло | 3 | 4"]


def test_commas_inside_numbers_do_not_separate(tmp_path: Path) -> None:
    content = "name;first;second\na;1,5;2,5\nb;3,5;4,5\n"
    assert lines(parsed(tmp_path, content))[1] == "a | 1,5 | 2,5"


def test_declared_separator_decides(tmp_path: Path) -> None:
    assert lines(parsed(tmp_path, "sep=;\na,b;c\nd,e;f\n")) == ["a,b | c", "d,e | f"]


def test_tabs_go_first_under_their_own_name(tmp_path: Path) -> None:
    assert lines(parsed(tmp_path, "a, b\tc\nd, e\tf\n", "table.tsv")) == ["a, b | c", "d, e | f"]
    assert parsed(tmp_path, "a\tb\n", "table.tab").header.media_type == "text/tab-separated-values"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251", "koi8-r"])
def test_any_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    content = "Название;Количество лодок в порту\nСеверная гавань;12\nЮжная гавань;7\n"
    assert lines(parsed(tmp_path, content.encode(encoding)))[1] == "Северная гавань | 12"


def test_too_few_and_too_many_cells_are_kept(tmp_path: Path) -> None:
    assert lines(parsed(tmp_path, "a,b,c\n1,2\n3,4,5,6,7\n,8\n9,10,11\n")) == [
        "a | b | c",
        "1 | 2",
        "3 | 4 | 5 | 6 | 7",
        " | 8",
        "9 | 10 | 11",
    ]


def test_line_breaks_inside_a_cell_become_spaces(tmp_path: Path) -> None:
    long = "word " * 5000
    content = f'name,text\r\nfirst,"one\r\ntwo\n\nthree"\r\nsecond,"{long}"\r\nthird,x\r\n'
    found = lines(parsed(tmp_path, content))
    assert found[1] == "first | one two three"
    assert sum(row.count("word") for row in found) == 5000
    assert found[-1] == "third | x"


def test_doubled_and_escaped_quotes_are_read(tmp_path: Path) -> None:
    assert lines(parsed(tmp_path, 'a,b\n"x ""y"" z",1\n')) == ["a | b", 'x "y" z | 1']
    assert lines(parsed(tmp_path, 'a,b\n"x \\"y\\", z",1\n')) == ["a | b", 'x "y", z | 1']


def test_quote_that_never_closes_does_not_swallow_the_rows_below(tmp_path: Path) -> None:
    content = 'name,size\n"pipe,5\n' + "".join(f"row {n},{n}\n" for n in range(50))
    found = lines(parsed(tmp_path, content))
    assert '"pipe | 5' in found
    assert "row 49 | 49" in found


def test_field_beyond_any_limit_is_kept(tmp_path: Path) -> None:
    content = f"a,b\n{'x' * 1_500_000},1\nc,2\n"
    found = lines(parsed(tmp_path, content))
    assert sum(row.count("x") for row in found) == 1_500_000
    assert found[-1] == "c | 2"


def test_header_is_repeated_and_titles_above_it_are_not_cells(tmp_path: Path) -> None:
    rows = "".join(f"лодка {number};{number}\n" for number in range(60))
    document = parsed(tmp_path, f"Отчёт за год;\n\nимя;сколько\n{rows}")
    blocks = [block for page in document.pages for block in page.blocks]
    assert [(block.kind, block.text.split("\n")[0]) for block in blocks] == [
        ("heading", "Отчёт за год"),
        ("table", "имя | сколько"),
        ("table", "имя | сколько"),
    ]
    assert document.header.title == "table"


def test_huge_files_are_cut_and_a_warning_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sheet, "MAX_CELLS", 30)
    document = parsed(tmp_path, "a,b\n" * 100)
    assert document.header.warnings == (
        "only the first 30 cells are read; left out: what follows row 10 of about 100",
    )
    assert len(lines(document)) == 10


def test_bytes_that_are_cut_off_end_with_a_whole_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_MAX_BYTES", 20)
    document = parsed(tmp_path, "имя,b\nлодка,1\nвесло,2\n")
    assert lines(document) == ["имя | b"]
    assert "left out" in document.header.warnings[0]


def test_binary_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="binary"):
        parsed(tmp_path, bytes(range(256)) * 4)


@pytest.mark.parametrize("content", [",,,\n,,\n", '""\n', "\n\n"])
def test_files_without_text_are_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableDocument, match="no text"):
        parsed(tmp_path, content)
