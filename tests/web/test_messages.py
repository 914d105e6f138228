"""Whatever goes wrong, Russian pages say so in Russian."""

import errno
import html
import json
import os
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pymupdf
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from indexer.errors import NotFound, OutOfResources
from indexer.pipeline import index_paths
from retriever.domain import Draft, FailedFile
from retriever.errors import GeneratorUnavailable
from retriever.health import _NOTES
from retriever.pipeline import Engine
from retriever.settings import RerankSettings, RetrieverSettings
from tests.web.conftest import Browser
from tests.web.fake_engine import FakeEngine
from tests.web.guarded import build, guarded, open_library
from tests.web.messages import HOLE, SAMPLES, Message, messages, parts
from web import cli
from web.access import UNLOGGED
from web.said import MESSAGES, _Table, in_russian
from web.settings import WebSettings
from web.texts import TEXTS, Texts
from web.texts_machine import SYSTEM
from web.texts_requests import DEEDS, SUBJECTS

ENGLISH = {"Accept-Language": "en"}
RUSSIAN = {"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}
CYRILLIC = re.compile("[а-яё]")
_FIELD = re.compile(r"{(\w+)}")


# -- the tables ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told() -> list[Message]:
    return messages()


def test_every_message_of_the_source_has_russian_words(told: list[Message]) -> None:
    noted = set(_NOTES.values())  # the page of models has texts of its own instead
    untold = [
        str(message)
        for message in told
        if message.text not in noted
        and not any(CYRILLIC.search(in_russian(text)) for text in message.samples())
    ]
    assert untold == []
    assert {f"note_{role}_{kind}" for role, kind in _NOTES} <= TEXTS["ru"].keys()


def test_nothing_but_commands_stays_english(told: list[Message]) -> None:
    program = r"(?:sightline|pip|apt|brew|hf|curl)(?: [\w'.=<>,\[\]:/-]+)+"
    russian = [
        next(filter(CYRILLIC.search, map(in_russian, message.samples())), "") for message in told
    ]
    left = [text for text in russian if re.search("[a-z]{2} [a-z]{2}", re.sub(program, "", text))]
    assert left == []


@pytest.mark.parametrize(
    "text",
    [
        f"damaged archive ({HOLE})",  # an f-string
        "its name points outside the archive",  # an argument of a function
        "save it again in its program, or leave it out",  # a constant
        f"took longer than {HOLE} s for one page",  # one of two
        f"{HOLE} rows lack their other half",  # one of a list
        f"{HOLE} have changed since they were read, such as {HOLE}",  # chosen in a comprehension
        "clip encoder",  # from a caller
        f"sheet {HOLE} is missing from the file",  # a warning
        f"this server does not answer to the name '{HOLE}'; add it to SIGHTLINE_WEB_HOSTS if it "
        "is yours",  # an error of HTTP
    ],
)
def test_messages_are_found_however_the_source_makes_them(told: list[Message], text: str) -> None:
    assert text in {message.text for message in told}


def test_no_translation_is_of_what_nothing_says(told: list[Message]) -> None:
    source = {" ".join(text.split()) for text in parts()}
    said = {text.replace(HOLE, value) for text in source for value in SAMPLES}
    dead = [
        english
        for english, russian in {**MESSAGES, **SUBJECTS}.items()
        if english not in SYSTEM
        and english not in said
        and not any(_Table({english: russian}).find(text)[0] for text in said)
    ]
    assert dead == []


def test_both_languages_have_the_same_fields() -> None:
    for english, russian in {**MESSAGES, **SUBJECTS}.items():
        forms = russian.split("|")
        assert len(forms) == 1 or (len(forms) == 3 and "{n}" in english), english
        fields = set(_FIELD.findall(english)) - {"errno"}
        assert all(set(_FIELD.findall(form)) == fields for form in forms), english


# -- how they are told -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("more than 1 files inside", "внутри больше 1 файла"),
        ("sound, 1 documents", "исправен, 1 документ"),
        ("sound, 22 documents", "исправен, 22 документа"),
        ("sound, 11 documents", "исправен, 11 документов"),
        ("only the first 20,001 values are read", "прочитано только первое 20\xa0001 значение"),
        ("gives more than 0.5 MiB of output", "получается больше 0,5 МБ данных"),
    ],
)
def test_numbers_are_written_and_counted_in_russian(english: str, russian: str) -> None:
    assert in_russian(english) == russian
    assert Texts("ru").size(5 * 2**29) == "2,5 ГБ"


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        (
            "/a/b; c: d.pdf: encrypted; save a copy without a password",
            "/a/b; c: d.pdf: файл зашифрован; сохраните копию без пароля",
        ),
        ("gguf:m: the package xllamacpp is not installed; in the folder of the sources, run: pip "
         "install '.[gguf]'",
         "gguf:m: пакет xllamacpp не установлен; в папке исходного кода выполните: pip "
         "install '.[gguf]'"),
        ("label: expected int | null, got str", "label: ожидается целое число или null, получено "
         "строка"),
        ("after: 'x' is not a date; use a day, a month or a year such as 2021-03-05, 2021-03 or "
         "2021",
         "after: «x» — не дата; укажите день, месяц или год, например 2021-03-05, 2021-03 или "
         "2021"),
        ("kind: 'video' is unknown; use chunk or crop",
         "kind: неизвестное значение «video»; укажите chunk или crop"),
        ("cannot be opened (No such file or directory)",
         "файл не открывается (такого файла или папки нет)"),
        ("parser process: it did not start (/tmp: No space left on device); free some disk space, "
         "then run the same command again",
         "программа чтения: не запускается (/tmp: на диске нет места); освободите место на диске и "
         "повторите"),
        ("only the first 20,000 cells are read; left out: sheet A, sheet B after row 1,200 of "
         "5,000 and 3 more",
         "прочитаны только первые 20\xa0000 ячеек; не прочитано: лист «A», лист «B» после строки "
         "1\xa0200 из 5\xa0000 и ещё 3"),
        ("m: the server said: out of memory; see the server's log; these are quotes instead",
         "m: сервер сообщает: out of memory; посмотрите журнал сервера; вместо ответа модели "
         "показаны цитаты"),
        ("it has sprung a leak; copy it again", "it has sprung a leak; скопируйте файл заново"),
        ("nothing that is known: at all", "nothing that is known: at all"),
        ("", ""),
    ],
)  # fmt: skip
def test_messages_within_messages_are_told_too(english: str, russian: str) -> None:
    assert in_russian(english) == russian


def test_what_a_message_is_about_does_not_change_how_it_is_told(told: list[Message]) -> None:
    for message in told:
        for text in message.samples():
            if text not in SUBJECTS:
                assert in_russian(f"a: b.pdf: {text}") == f"a: b.pdf: {in_russian(text)}"
                assert in_russian(f"encrypted; {text}") == f"файл зашифрован; {in_russian(text)}"


@pytest.mark.parametrize("code", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EMFILE])
def test_what_the_system_says_is_told_in_russian(code: int) -> None:
    error = OSError(code, os.strerror(code), "/files/a.pdf")
    told = in_russian(str(OutOfResources.because(error, "/files")))
    assert not re.search("[a-z]{3}", told.replace("/files", "").replace("ulimit", ""))
    assert re.fullmatch("[а-я ]+: «/files/a.pdf»", in_russian(str(error)))


def test_what_sqlite_says_is_told_in_russian(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database at all" * 100)
    with closing(sqlite3.connect(tmp_path / "home")) as connection:
        connection.execute("create table t (a)")
    for address, statement in (
        (f"file:{tmp_path}/none/home", "select 1"),
        (f"file:{tmp_path}/home?mode=ro", "insert into t values (1)"),
        (f"file:{tmp_path}/text", "select * from t"),
    ):
        with pytest.raises(sqlite3.DatabaseError) as caught:
            sqlite3.connect(address, uri=True).execute(statement)
        assert CYRILLIC.search(in_russian(str(caught.value))), caught.value


# -- where they are told ---------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Browser]:
    """A browser of a home with files that cannot be read."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "empty.txt").touch()
    (folder / "damaged.docx").write_bytes(b"PK\x03\x04 and no more")
    with zipfile.ZipFile(folder / "photos.zip", "w") as archive:
        archive.writestr("../outside.txt", "words")
    with closing(pymupdf.open()) as pdf:
        pdf.new_page().insert_text((72, 72), "secret")
        pdf.save(folder / "locked.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="word")
    (folder / "values.json").write_text('{"name": "boiler", ')
    with open_library(tmp_path / "home") as library:
        index_paths(library, [folder], "main")
        engine = Engine(library, RetrieverSettings(rerank=RerankSettings(model="none")))
        browser = Browser.of(engine, WebSettings())
        browser.engine = engine  # type: ignore[attr-defined]
        yield browser


def test_failures_that_are_stored_are_shown_in_the_language_of_the_page(broken: Browser) -> None:
    russian = ["файл зашифрован", "сохраните копию без пароля", "файл пуст", "скопируйте файл"]
    russian += ["файл повреждён или это не офисный файл", "имя файла ведёт за пределы архива"]
    for address in ("/status", "/jobs/1"):
        page = broken.get(address, headers=RUSSIAN).text
        assert [text for text in russian if text not in page] == []
        assert "encrypted" not in page
        page = broken.get(address, headers=ENGLISH).text
        assert "save a copy without a password" in page
        assert "файл зашифрован" not in page


def test_data_for_programs_stays_as_it_is_stored(broken: Browser) -> None:
    failed = broken.get("/api/v1/status", headers=RUSSIAN).get_json()["failed"]
    assert "save a copy without a password" in {file["remedy"] for file in failed}
    assert not any(CYRILLIC.search(file["cause"] + file["remedy"]) for file in failed)


def test_warnings_of_a_document_are_told_in_russian(broken: Browser) -> None:
    listed = broken.get("/api/v1/documents").get_json()["documents"]
    [values] = [each["id"] for each in listed if each["path"].endswith("values.json")]
    page = broken.get(f"/documents/{values}", headers=RUSSIAN).text
    assert "прочитан как простой текст" in page
    assert "not valid JSON" not in page


def test_the_doctor_speaks_russian(broken: Browser) -> None:
    page = broken.get("/status?check=1", headers=RUSSIAN).text
    [report] = re.findall(r'<ul class="findings">(.*?)</ul>', page, re.DOTALL)
    findings = re.findall(r"<strong>(.*?)</strong>: (.*?)</span></li>", report)
    assert len(findings) > 10
    # Names of models and versions are all that some of them have to say.
    assert all(CYRILLIC.search(subject) for subject, _ in findings)
    details = dict(findings)
    assert details["каталог"] == "исправен, 2 документа"
    assert details["файлы"] == "не удалось прочитать 4 (список покажет sightline status)"
    assert CYRILLIC.search(details["чтение файлов"])
    assert "в этом процессе" in details["ответы"] or "цитаты" in details["ответы"]


def test_errors_are_pages_in_russian(broken: Browser) -> None:
    page = broken.get("/documents/none", headers=RUSSIAN)
    assert page.status_code == 404
    assert "none: такого документа нет; найдите документ снова" in page.text
    assert "такой страницы нет; проверьте адрес" in broken.get("/nowhere", headers=RUSSIAN).text
    assert (
        "none: there is no such document; search for it again" in broken.get("/documents/none").text
    )


def test_what_is_refused_before_anything_else_is_refused_in_the_chosen_language(
    client: FlaskClient,
) -> None:
    client.set_cookie("sightline-language", "ru")
    page = client.post("/jobs/1/cancel", headers={**ENGLISH, "X-CSRFToken": "none"})
    assert page.status_code == 403
    assert page.headers["Content-Language"] == "ru"
    assert "страница устарела; откройте её заново и повторите действие" in page.text
    page = client.get("/", headers={**RUSSIAN, "Host": "evil.example"})
    assert "этот сервер не отвечает на имя «evil.example»" in page.text


@pytest.mark.parametrize(
    ("method", "path", "body", "detail"),
    [
        ("GET", "/api/v1/search?q=a&kind=video", None,
         "kind: неизвестное значение «video»; укажите chunk или crop"),
        ("GET", "/api/v1/search?q=a&kinf=crop", None,
         "kinf: нет такого параметра; возможно, kind?"),
        ("GET", "/api/v1/nowhere", None, "такой страницы нет; проверьте адрес"),
        ("PUT", "/api/v1/search", None, "Такой метод по этому адресу недоступен."),
        ("POST", "/api/v1/ask", {"question": ["a"]},
         "вопрос: ожидается строка, получено список; допустимое описано на /api"),
        ("POST", "/api/v1/ask", {"question": "a" * 2001},
         "вопрос: ожидается строка длиной не больше 2000; сократите"),
    ],
)  # fmt: skip
def test_problems_are_told_in_the_language_that_is_asked_for(
    client: FlaskClient, method: str, path: str, body: object, detail: str
) -> None:
    response = client.open(path, method=method, json=body, headers=RUSSIAN)
    problem = json.loads(response.data)
    assert problem["detail"] == detail
    assert response.headers["Content-Language"] == "ru"
    assert {"Accept-Language", "Cookie"} <= set(response.vary)
    # Programs that ask for no language get English, and the rest is the same for all.
    plain = client.open(path, method=method, json=body)
    assert plain.headers["Content-Language"] == "en"
    english = json.loads(plain.data)
    assert not CYRILLIC.search(english.pop("detail"))
    assert english.items() <= problem.items()


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("/api/v1/documents?collection=nosuch",
         "nosuch: there is no such collection; choose one that exists"),
        ("/api/v1/conversations/abc",
         "conversation abc: there is no such conversation; list the conversations"),
        ("/api/v1/similar?crop=zzz", "crop: 'zzz' is not a whole number; use 1 or more"),
        ("/api/v1/similar?document=x&page=0", "page: 0 is out of range; use 1 or more"),
        ("/nowhere", "there is no such page; check the address"),
        ("/api/v1/nowhere", "there is no such page; check the address"),
    ],
)  # fmt: skip
def test_what_a_browser_is_told_is_nothing_for_a_terminal(
    broken: Browser, address: str, detail: str
) -> None:
    told = broken.get(address, headers=ENGLISH)
    said = told.get_json()["detail"] if told.is_json else html.unescape(told.text)
    assert detail == said if told.is_json else f">{detail}<" in said


def test_what_fails_while_streaming_is_told_in_russian(
    client: FlaskClient, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> Iterator[Draft]:
        yield Draft(text="It")
        raise GeneratorUnavailable("m", cause="it broke off", remedy="look at the server's log")

    monkeypatch.setattr(engine, "stream", failing)
    response = client.post(
        "/api/v1/ask",
        json={"question": "a"},
        headers={**RUSSIAN, "Accept": "text/event-stream"},
    )
    assert "m: ответ оборвался; посмотрите журнал сервера" in response.text


def test_a_job_that_broke_off_says_why_in_russian(client: FlaskClient, engine: FakeEngine) -> None:
    engine.shelf.add_job(
        state="failed",
        cause="database or disk is full",
        remedy="free some disk space, then run the same command again",
        failed=1,
        errors=(FailedFile(path="a.zip", cause="more than 3 files inside: the rest is not read",
                           remedy="unpack it, or raise SIGHTLINE_PARSER_MAX_MEMBERS"),),
    )  # fmt: skip
    page = client.get("/jobs/1", headers=RUSSIAN).text
    assert "в базе данных или на диске нет места" in page
    assert "внутри больше 3 файлов: остальное не прочитано" in page
    assert "распакуйте или увеличьте SIGHTLINE_PARSER_MAX_MEMBERS" in page


def test_the_audit_log_says_in_russian_what_was_done(tmp_path: Path) -> None:
    tokens = build(tmp_path / "home", tmp_path)
    with open_library(tmp_path / "home") as library:
        site = guarded(library, tokens)
        changing = {
            rule.endpoint
            for rule in site.app.url_map.iter_rules()
            if rule.methods and rule.methods - {"GET", "HEAD", "OPTIONS"}
        }
        actions = {name.partition(".")[2].replace("_", " ") for name in changing - UNLOGGED} | {
            "signed in",
            "sign-in refused",
        }
        assert actions == set(DEEDS)
        anna = site.browser("Anna")
        assert anna.send("/language", language="ru").status_code == 303
        page = anna.get("/audit").text
    assert "<td>вход</td>" in page
    assert "<td></td><td></td>" not in page  # to choose a language is no deed


def test_a_terminal_says_where_tokens_are_listed(tmp_path: Path) -> None:
    def run(*arguments: str) -> None:
        command = ["--home", str(tmp_path), *arguments]
        CliRunner().invoke(
            cli.cli,
            command,
            input="long enough\n" * 2,
            standalone_mode=False,
            catch_exceptions=False,
        )

    run("people", "add", "Anna Lee")
    with pytest.raises(NotFound, match="run: sightline tokens list 'Anna Lee'"):
        run("tokens", "revoke", "Anna Lee", "77")
