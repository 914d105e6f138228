"""Readers of question sets: tiny files of each format, and what is wrong with them in one line."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from indexer.errors import InvalidInput
from retriever.evaluation.datasets import ReadOptions, read
from retriever.evaluation.domain import QuestionSet, Wanted

Rows = list[dict[str, object]]


def write_rows(path: Path, rows: Rows) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def picture(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8)).save(path)
    return f"{path.parent.name}/{path.name}"


def wanted_by(found: QuestionSet) -> dict[str, dict[str, int]]:
    return {
        each.text or each.id: {item.item: item.grade for item in each.wanted}
        for each in found.questions
    }


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    (folder / "qrels").mkdir(parents=True)
    write_rows(
        folder / "corpus.jsonl",
        [
            {"_id": "d1", "title": "Barn", "text": "It is red."},
            {"_id": "d2", "title": "", "text": "Deep."},
        ],
    )
    write_rows(
        folder / "queries.jsonl",
        [{"_id": "q1", "text": "red?"}, {"_id": "q2", "text": "deep?"}, {"_id": "q3", "text": "o"}],
    )
    header = "query-id\tcorpus-id\tscore\n"
    (folder / "qrels/test.tsv").write_text(header + "q1\td1\t2\nq1\td2\t0\nq2\td2\t1\n")
    (folder / "qrels/dev.tsv").write_text(header + "q3\td1\t1\n")
    return folder


def test_beir_folder_gives_passages_and_the_questions_of_its_test_part(beir: Path) -> None:
    found = read(beir, ReadOptions())
    assert found.corpus is not None
    assert found.corpus.passages == {"d1": "Barn\n\nIt is red.", "d2": "Deep."}
    assert wanted_by(found) == {"red?": {"d1": 2}, "deep?": {"d2": 1}}


def test_beir_split_is_chosen(beir: Path) -> None:
    assert wanted_by(read(beir, ReadOptions(split="dev"))) == {"o": {"d1": 1}}


def test_missing_split_is_named_with_those_that_are_there(beir: Path) -> None:
    with pytest.raises(InvalidInput, match=r"train\.tsv: there is no .*give --split dev or test"):
        read(beir, ReadOptions(split="train"))


def test_folder_of_packed_passages_with_one_file_of_judgements_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(b'{"id": "p1", "text": "Deep."}\n')
    (tmp_path / "passages.jsonl.gz").write_bytes(packed)
    write_rows(tmp_path / "queries.jsonl", [{"id": 1, "text": "deep?"}, {"id": 2, "text": "no?"}])
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n1\tp1\t1\n")
    assert wanted_by(read(tmp_path, ReadOptions())) == {"deep?": {"p1": 1}, "no?": {}}


def test_judgement_with_too_few_columns_is_refused_by_line(beir: Path) -> None:
    (beir / "qrels/test.tsv").write_text("q\td\tscore\nq1 d1 1\n")
    with pytest.raises(InvalidInput, match=r"^test\.tsv line 2: 1 columns instead of 3; "):
        read(beir, ReadOptions())


def test_line_that_is_not_json_is_refused_by_line(beir: Path) -> None:
    (beir / "queries.jsonl").write_text('{"_id": "q1", "text": "red?"}\n\nq2\n')
    with pytest.raises(InvalidInput, match=r"^queries\.jsonl line 3: not JSON"):
        read(beir, ReadOptions())


def test_trec_judgements_find_their_topics_beside_them(tmp_path: Path) -> None:
    (tmp_path / "qrels.txt").write_text("301 0 boiler.md 2\n301 0 barn.png -1\n302 0 lake 1\n")
    (tmp_path / "topics.txt").write_text(
        "<top>\n<num> Number: 301\n<title> boiler\n service\n<desc> When?\n</top>\n"
        "<top><num>302</num><title>deep lake</title></top>\n"
    )
    found = read(tmp_path / "qrels.txt", ReadOptions())
    assert found.corpus is None
    assert wanted_by(found) == {"boiler service": {"boiler.md": 2}, "deep lake": {"lake": 1}}


def test_trec_topics_may_be_lines(tmp_path: Path) -> None:
    (tmp_path / "judged").write_text("1 Q0 lake.jpg 1\n")
    (tmp_path / "asked.tsv").write_text("1\tdeep lake\n")
    options = ReadOptions(topics=tmp_path / "asked.tsv")
    assert wanted_by(read(tmp_path / "judged", options)) == {"deep lake": {"lake.jpg": 1}}


def test_trec_judgements_without_topics_say_how_to_name_them(tmp_path: Path) -> None:
    (tmp_path / "qrels.txt").write_text("1 0 a 1\n")
    with pytest.raises(InvalidInput, match=r"no file of topics lies beside it; .*--topics"):
        read(tmp_path / "qrels.txt", ReadOptions())


@pytest.fixture
def karpathy(tmp_path: Path) -> Path:
    picture(tmp_path / "val2014/a.jpg")
    picture(tmp_path / "val2014/b.jpg")
    rows = [
        {"filename": "a.jpg", "filepath": "val2014", "split": "test",
         "sentences": [{"raw": "A dog."}, {"raw": "Brown dog."}]},
        {"filename": "b.jpg", "filepath": "val2014", "split": "val",
         "sentences": [{"raw": "A cat."}]},
    ]  # fmt: skip
    (tmp_path / "dataset.json").write_text(json.dumps({"images": rows, "dataset": "coco"}))
    return tmp_path / "dataset.json"


def test_every_caption_of_a_karpathy_split_asks_for_its_photo(karpathy: Path) -> None:
    found = read(karpathy, ReadOptions())
    assert found.corpus is not None
    assert found.corpus.photos == {"a.jpg": karpathy.parent / "." / "val2014/a.jpg"}
    assert wanted_by(found) == {"A dog.": {"a.jpg": 1}, "Brown dog.": {"a.jpg": 1}}
    assert {each.group for each in found.questions} == {"a.jpg"}


def test_missing_photo_of_a_karpathy_split_is_named(karpathy: Path) -> None:
    (karpathy.parent / "val2014/a.jpg").unlink()
    with pytest.raises(InvalidInput, match=r"image 1: its photo a\.jpg is not in .*--images"):
        read(karpathy, ReadOptions())


def test_caption_finds_every_photo_that_carries_it(tmp_path: Path) -> None:
    rows: Rows = [
        {"id": name, "image": picture(tmp_path / f"images/{name}.png"), "caption_en": caption}
        for name, caption in (("1", "A bird."), ("2", "A bird."), ("3", "A cow."))
    ]
    rows[2]["caption_ru"] = "Корова."
    write_rows(tmp_path / "captions.jsonl", rows)
    found = read(tmp_path, ReadOptions())
    asked = [(each.text, [item.item for item in each.wanted]) for each in found.questions]
    assert asked == [
        ("A bird.", ["1", "2"]),
        ("A bird.", ["1", "2"]),
        ("A cow.", ["3"]),
        ("Корова.", ["3"]),
    ]
    assert [each.group for each in found.questions] == ["1", "1", "3", "3"]


def test_label_is_asked_where_no_photo_has_a_caption(tmp_path: Path) -> None:
    image = picture(tmp_path / "images/1.png")
    write_rows(tmp_path / "captions.jsonl", [{"id": "1", "image": image, "label": "tench"}])
    assert wanted_by(read(tmp_path, ReadOptions())) == {"tench": {"1": 1}}


def test_photo_finds_the_others_of_the_same_thing_and_ignores_itself(tmp_path: Path) -> None:
    rows: Rows = [
        {"id": name, "image": picture(tmp_path / f"images/{name}.png"),
         "instance_id": name[0], "role": "iconic" if name == "a0" else "natural"}
        for name in ("a0", "a1", "a2", "b1")
    ]  # fmt: skip
    write_rows(tmp_path / "instances.jsonl", rows)
    found = read(tmp_path, ReadOptions())
    assert wanted_by(found) == {"a1": {"a2": 1}, "a2": {"a1": 1}, "b1": {}}
    assert found.questions[0].ignored == {"a0", "a1"}
    assert found.questions[0].image == tmp_path / "images/a1.png"


def test_scene_finds_its_things_and_is_not_searched_itself(tmp_path: Path) -> None:
    image = picture(tmp_path / "images/chair.png")
    room = picture(tmp_path / "scenes/room.png")
    write_rows(tmp_path / "captions.jsonl", [{"id": "c", "image": image, "caption_en": "Chair"}])
    scene = {"id": "room", "image": room, "relevant_items": ["c"]}
    write_rows(tmp_path / "scenes.jsonl", [scene])
    found = read(tmp_path, ReadOptions())
    assert found.corpus is not None
    assert set(found.corpus.photos) == {"c"}
    assert wanted_by(found) == {"Chair": {"c": 1}, "room": {"c": 1}}


WriteCsv = Callable[..., Path]


@pytest.fixture
def write_csv(tmp_path: Path) -> WriteCsv:
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "own.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_csv_names_files_and_pages(write_csv: WriteCsv) -> None:
    path = write_csv('question,file,page\n"When, and why?",a/b.pdf,3\nWho?,c.txt,\n')
    first, second = read(path, ReadOptions()).questions
    assert (first.text, first.place) == ("When, and why?", "own.csv row 2")
    assert first.wanted == (Wanted(item="a/b.pdf", page=3),)
    assert second.wanted == (Wanted(item="c.txt"),)


def test_csv_rows_with_the_same_question_name_further_files(write_csv: WriteCsv) -> None:
    path = write_csv("question,file,grade\nWho?,a.txt,2\nWho?,b.txt,1\nNobody?,,\n")
    assert wanted_by(read(path, ReadOptions())) == {"Who?": {"a.txt": 2, "b.txt": 1}, "Nobody?": {}}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "utf-16"])
def test_csv_is_read_as_spreadsheets_save_it(write_csv: WriteCsv, encoding: str) -> None:
    path = write_csv("question;file\r\nКогда меняли масло?;Записки.docx\r\n", encoding)
    assert wanted_by(read(path, ReadOptions())) == {"Когда меняли масло?": {"Записки.docx": 1}}


def test_csv_may_ask_by_photo(write_csv: WriteCsv, tmp_path: Path) -> None:
    image = picture(tmp_path / "asked/chair.png")
    (question,) = read(write_csv(f"image,file\n{image},sofa.jpg\n"), ReadOptions()).questions
    assert question.image == tmp_path / "asked/chair.png"
    assert question.kind == "photo-photo"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a,b\n1,2\n", "row 1: it does not name the columns question and file"),
        ("question,file,side\nx,y,z\n", "row 1: there is no column 'side'; use question, file"),
        ("question,file,page\nx,y,zero\n", "row 2: the page 'zero' is not a number from 1"),
        ("question,file,grade\nx,y,1.5\n", "row 2: the grade '1.5' is not a whole number"),
        ("question,file\nx,y,z\n", "row 2: 3 values in 2 columns; put quotes"),
        ("question,file\n,y\n", "row 2: it has neither words nor a photo"),
        ("image,file\nno.png,y\n", "row 2: there is no photo"),
    ],
)
def test_bad_row_of_a_csv_is_named(write_csv: WriteCsv, text: str, line: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(write_csv(text), ReadOptions())
    assert line in str(raised.value)


def test_empty_csv_is_refused(write_csv: WriteCsv) -> None:
    with pytest.raises(InvalidInput, match="it holds no questions"):
        read(write_csv("question,file\n"), ReadOptions())


def test_what_no_reader_knows_is_refused_with_what_they_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a CSV with the columns question and file"):
        read(tmp_path, ReadOptions())
    with pytest.raises(InvalidInput, match="there is no such file or folder"):
        read(tmp_path / "gone", ReadOptions())


# -- answers -----------------------------------------------------------------------------------


def test_queries_may_hold_answers_or_say_that_there_is_none(beir: Path) -> None:
    write_rows(
        beir / "queries.jsonl",
        [
            {"_id": "q1", "text": "red?", "answers": ["red", " red ", "crimson", ""]},
            {"_id": "q2", "text": "deep?", "answers": ["x"], "answerable": False},
        ],
    )
    known, unknown = read(beir, ReadOptions()).questions
    assert known.answers == ("red", "crimson")
    assert known.answerable
    assert (unknown.answers, unknown.wanted, unknown.answerable) == ((), (), False)


@pytest.mark.parametrize(
    ("row", "line"),
    [
        ({"answers": "red"}, "'answers' is not a list of texts"),
        ({"answers": [1]}, "'answers' is not a list of texts"),
        ({"answerable": "no"}, "'answerable' is neither true nor false"),
    ],
)
def test_bad_answers_of_a_query_are_refused_by_line(
    beir: Path, row: dict[str, object], line: str
) -> None:
    write_rows(beir / "queries.jsonl", [{"_id": "q1", "text": "red?", **row}])
    with pytest.raises(InvalidInput, match=rf"^queries\.jsonl line 1: {line}; "):
        read(beir, ReadOptions())


def test_rows_of_one_question_add_files_and_answers(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(
        "question,file,answer\nwhen?,barn.txt,1912\nwhen?,,in 1912\nwhen?,barn.txt,1912\nwho?,,\n"
    )
    when, who = read(tmp_path / "own.csv", ReadOptions()).questions
    assert when.wanted == (Wanted(item="barn.txt"),)
    assert when.answers == ("1912", "in 1912")
    assert not who.answerable


def test_answers_without_files_are_questions_too(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("question;answer\nкогда?;в 1912 году\n", encoding="utf-8")
    (asked,) = read(tmp_path / "own.csv", ReadOptions()).questions
    assert asked.answers == ("в 1912 году",)
    assert asked.answerable


def squad(path: Path, *qas: dict[str, object]) -> Path:
    paragraph = {"context": "The barn is red.", "qas": list(qas)}
    data = [{"title": "Red_barns", "paragraphs": [paragraph]}]
    path.write_text(json.dumps({"version": "v2.0", "data": data}), encoding="utf-8")
    return path


RIGHT: dict[str, object] = {
    "id": "a",
    "question": "What colour?",
    "answers": [{"text": "red", "answer_start": 12}],
}


def test_squad_gives_paragraphs_as_passages_and_impossible_questions(tmp_path: Path) -> None:
    impossible: dict[str, object] = {
        "id": "b", "question": "How old?", "is_impossible": True, "answers": [],
        "plausible_answers": [{"text": "red", "answer_start": 12}],
    }  # fmt: skip
    found = read(squad(tmp_path / "dev.json", RIGHT, impossible), ReadOptions())
    assert found.corpus is not None
    assert found.corpus.passages == {"article 1 paragraph 1": "Red barns\n\nThe barn is red."}
    known, unknown = found.questions
    assert known.answers == ("red",)
    assert known.wanted == (Wanted(item="article 1 paragraph 1"),)
    assert known.place == "dev.json article 1 paragraph 1 question 1"
    assert not unknown.answerable


@pytest.mark.parametrize(
    ("second", "line"),
    [
        ({"id": "b", "question": "x?", "answers": []}, "question 2: it has no answer; add one"),
        ({"id": "b", "question": "x?"}, "question 2: 'answers' is not a list of objects"),
        ({"id": "b", "answers": [{"text": "y"}]}, "question 2: it has no 'question'; add it"),
        ({**RIGHT}, "question 2: its id a is that of dev.json article 1 paragraph 1 question 1"),
        ({**RIGHT, "is_impossible": "no"}, "question 2: 'is_impossible' is neither"),
    ],
)
def test_bad_question_of_squad_is_refused_by_its_place(
    tmp_path: Path, second: dict[str, object], line: str
) -> None:
    path = squad(tmp_path / "dev.json", RIGHT, second)
    with pytest.raises(InvalidInput, match=rf"^dev\.json article 1 paragraph 1 {line}"):
        read(path, ReadOptions())


def test_broken_squad_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    path.write_text('{"data": [{"paragraphs": [')
    with pytest.raises(InvalidInput, match=r"dev\.json: not JSON: .*; correct the file"):
        read(path, ReadOptions())
    path.write_text('{"data": [{"title": "x", "paragraphs": {}}]}')
    with pytest.raises(InvalidInput, match=r"^dev\.json article 1: 'paragraphs' is not a list"):
        read(path, ReadOptions())
