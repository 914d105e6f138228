"""XML: articles, patents, books and feeds as their vocabularies mean them, any other in order."""

import base64
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from indexer.domain import ParsedDocument
from indexer.errors import UnreadableDocument
from indexer.parsers import xmldoc
from indexer.settings import ParserSettings

SETTINGS = ParserSettings()


def parsed(folder: Path, content: str | bytes) -> ParsedDocument:
    path = folder / "file.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return xmldoc.parse(path, SETTINGS)


def texts(folder: Path, content: str | bytes) -> list[tuple[str, str]]:
    return [(b.kind, b.text) for page in parsed(folder, content).pages for b in page.blocks]


ARTICLE = """<!DOCTYPE article PUBLIC "-//NLM//DTD JATS" "JATS.dtd">
<article><front><journal-meta><journal-title>Log of Boats</journal-title></journal-meta>
<article-meta><article-id pub-id-type="doi">10.1/x</article-id>
<title-group><article-title>Of nets<xref>*</xref></article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Petrov</surname>
<given-names>Ivan</given-names></name><xref>1</xref></contrib>
<contrib contrib-type="editor"><name><surname>Ed</surname></name></contrib></contrib-group>
<aff><label>1</label><institution>Harbour School</institution><country>Norway</country></aff>
<pub-date><year>2021</year></pub-date><abstract><p>Short.</p></abstract>
<kwd-group><kwd>nets</kwd><kwd>boats</kwd></kwd-group></article-meta></front>
<body><sec><title>Методы</title><p>Ropes <sup>2</sup> of <italic>hemp</italic>
<fig><label>Figure 1</label><caption><title>The quay.</title><p>At dawn.</p></caption>
<graphic/></fig> were used&nbsp;&mdash; &agr;.</p>
<sec><title>Inner</title><list><list-item><p>red</p></list-item></list></sec>
<table-wrap><label>Table 1</label><caption><p>Catch</p></caption><table><tr>
<th colspan="2">Boat</th></tr><tr><td>Heron</td><td>7</td></tr></table>
<table-wrap-foot><p>Counted by hand.</p></table-wrap-foot></table-wrap></sec></body>
<back><ref-list><title>References</title><ref><label>1</label><element-citation>
<person-group><name><surname>Wolf</surname><given-names>G</given-names></name></person-group>
<article-title>On ropes</article-title><source>Sea</source><volume>5</volume><fpage>1</fpage>
<lpage>9</lpage><year>1999</year><pub-id pub-id-type="doi">10.1/y</pub-id></element-citation></ref>
<ref><mixed-citation>Ann A. <italic>Knots</italic>. 1980.</mixed-citation></ref></ref-list></back>
</article>"""


def test_an_article_is_read_in_its_parts(tmp_path: Path) -> None:
    assert texts(tmp_path, ARTICLE) == [
        ("heading", "Of nets"),
        ("paragraph", "Ivan Petrov"),
        ("paragraph", "Harbour School, Norway"),
        ("heading", "Abstract"),
        ("paragraph", "Short."),
        ("paragraph", "Keywords: nets; boats"),
        ("heading", "Методы"),
        ("paragraph", "Ropes 2 of hemp"),
        ("caption", "Figure 1 The quay. At dawn."),
        ("paragraph", "were used — α."),
        ("heading", "Inner"),
        ("list", "• red"),
        ("caption", "Table 1 Catch"),
        ("table", "Boat | Boat\nHeron | 7"),
        ("paragraph", "Counted by hand."),
        ("heading", "References"),
        ("list", "• Wolf G. On ropes. Sea 5:1–9 (1999). DOI: 10.1/y"),
        ("list", "• Ann A. Knots. 1980."),
    ]
    header = parsed(tmp_path, ARTICLE).header
    assert header.title == "Of nets"
    assert header.metadata == {
        "author": "Ivan Petrov",
        "journal": "Log of Boats",
        "published": "2021",
        "doi": "10.1/x",
    }
    levels = [b.level for page in parsed(tmp_path, ARTICLE).pages for b in page.blocks if b.level]
    assert levels == [1, 2, 2, 3, 2]


GRANT = """<us-patent-grant><us-bibliographic-data-grant><publication-reference><document-id>
<country>US</country><doc-number>123</doc-number><kind>B1</kind><date>20200107</date></document-id>
</publication-reference><invention-title>Net mender</invention-title><us-parties><inventors>
<inventor><addressbook><last-name>Lee</last-name><first-name>Ann</first-name></addressbook>
</inventor></inventors></us-parties><assignees><assignee><addressbook><orgname>Port Ltd</orgname>
</addressbook></assignee></assignees></us-bibliographic-data-grant><abstract><p>A mender.</p>
</abstract><drawings><figure><img file="D1.TIF"/></figure></drawings><description>
<heading level="1">FIELD</heading><p>Nets <b>12</b> and N<sub>2</sub>.</p></description>
<claims><claim><claim-text><b>1</b>. A mender, comprising:<claim-text>a hook;</claim-text>
<claim-text>a rope.</claim-text></claim-text></claim></claims></us-patent-grant>"""
OLD_GRANT = """<PATDOC><SDOBI><B100><B110><DNUM><PDAT>99</PDAT></DNUM></B110><B130><PDAT>B2</PDAT>
</B130><B140><DATE><PDAT>20020827</PDAT></DATE></B140><B190><PDAT>US</PDAT></B190></B100><B500>
<B540><STEXT><PDAT>Net mender</PDAT></STEXT></B540></B500></SDOBI><SDOAB><BTEXT><PARA><PTEXT>
<PDAT>A mender.</PDAT></PTEXT></PARA></BTEXT></SDOAB><SDODE><BTEXT><H LVL="1"><STEXT>
<PDAT>FIELD</PDAT></STEXT></H><PARA><PTEXT><PDAT>Array N</PDAT><HIL><SB><PDAT>1</PDAT></SB></HIL>
<PDAT>.</PDAT></PTEXT></PARA></BTEXT></SDODE><SDOCL><CL><CLM><PARA><PTEXT><PDAT>1. A method</PDAT>
</PTEXT></PARA><CLMSTEP><PTEXT><PDAT>storing.</PDAT></PTEXT></CLMSTEP></CLM></CL></SDOCL></PATDOC>"""


def test_patents_of_either_vocabulary_are_read(tmp_path: Path) -> None:
    assert texts(tmp_path, GRANT) == [
        ("heading", "Net mender"),
        ("paragraph", "Patent: US 123 B1\nDate: 2020-01-07\nInventors: Ann Lee\nOwners: Port Ltd"),
        ("heading", "Abstract"),
        ("paragraph", "A mender."),
        ("heading", "FIELD"),
        ("paragraph", "Nets 12 and N2."),
        ("heading", "Claims"),
        ("paragraph", "1. A mender, comprising: a hook; a rope."),
    ]
    old = texts(tmp_path, OLD_GRANT)
    assert old[1] == ("paragraph", "Patent: US 99 B2\nDate: 2002-08-27")
    assert [text for _, text in old[4:]] == [
        "FIELD",
        "Array N1 .",
        "Claims",
        "1. A method storing.",
    ]


def test_documents_one_after_the_other_are_all_read(tmp_path: Path) -> None:
    many = "\n".join('<?xml version="1.0"?>\n' + GRANT for _ in range(3))
    document = parsed(tmp_path, many)
    assert document.header.page_count == 3
    assert document.header.title == "Net mender"


def test_records_are_fields_with_their_names(tmp_path: Path) -> None:
    content = (
        "<catalog><boat id='1'><name>Цапля</name><built_in>1987</built_in>"
        "<note>&lt;p&gt;Two &lt;b&gt;masts&lt;/b&gt;&lt;/p&gt;</note></boat>"
        "<boat><name>Tern</name><place north='yes' depth='7'/></boat></catalog>"
    )
    assert texts(tmp_path, content) == [
        ("paragraph", "name: Цапля\nbuilt in: 1987"),
        ("paragraph", "Two masts"),
        ("paragraph", "name: Tern\nplace: north: yes; depth: 7"),
    ]


def test_other_prose_keeps_its_titles_and_paragraphs(tmp_path: Path) -> None:
    content = (
        "<book xmlns='http://docbook.org/ns/docbook'><title>Log</title><chapter><title>Boats</title>"
        "<para>Two <emphasis>old</emphasis> ones.</para><itemizedlist><listitem><para>red</para>"
        "</listitem></itemizedlist><programlisting>a\n  b</programlisting></chapter></book>"
    )
    assert texts(tmp_path, content) == [
        ("heading", "Log"),
        ("heading", "Boats"),
        ("paragraph", "Two old ones."),
        ("list", "• red"),
        ("code", "a\n  b"),
    ]


def test_feeds_are_entries_with_titles_and_facts(tmp_path: Path) -> None:
    rss = (
        "<rss><channel><title>Port news</title><description>Daily</description><item>"
        "<title>Storm &amp; calm</title><link>https://example.org/1</link>"
        "<pubDate>Mon, 5 Jan 2026</pubDate><description>&lt;p&gt;Boats &lt;i&gt;stay&lt;/i&gt;."
        "&lt;/p&gt;</description></item></channel></rss>"
    )
    assert texts(tmp_path, rss) == [
        ("heading", "Port news"),
        ("paragraph", "Daily"),
        ("heading", "Storm & calm"),
        ("paragraph", "Link: https://example.org/1\nDate: Mon, 5 Jan 2026"),
        ("paragraph", "Boats stay."),
    ]
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Новости</title><entry><title>Шторм</title>"
        "<link href='https://example.org/2'/><author><name>Анна</name></author>"
        "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Ждём.</p></div></content>"
        "</entry></feed>"
    )
    assert texts(tmp_path, atom)[1:] == [
        ("heading", "Шторм"),
        ("paragraph", "Link: https://example.org/2\nAuthor: Анна"),
        ("paragraph", "Ждём."),
    ]


def test_a_fiction_book_has_chapters_and_pictures(tmp_path: Path) -> None:
    buffer = BytesIO()
    Image.new("RGB", (90, 90), "red").save(buffer, "PNG")
    content = (
        "<FictionBook xmlns='http://www.gribuser.ru/xml/fictionbook/2.0' "
        "xmlns:l='http://www.w3.org/1999/xlink'><description><title-info><author>"
        "<first-name>Анна</first-name><last-name>Иванова</last-name></author>"
        "<book-title>Гавань</book-title><lang>ru</lang></title-info></description><body>"
        "<section><title><p>Глава</p><p>первая</p></title><p>Лодки.</p>"
        "<image l:href='#a'/></section>"
        "<section><title><p>Вторая</p></title><poem><stanza><v>Раз</v><v>два</v></stanza></poem>"
        f"</section></body><binary id='a'>{base64.b64encode(buffer.getvalue()).decode()}</binary>"
        "</FictionBook>"
    )
    document = parsed(tmp_path, content)
    assert document.header.title == "Гавань"
    assert document.header.metadata == {"author": "Анна Иванова", "language": "ru"}
    pages = list(document.pages)
    assert [len(page.figures) for page in pages] == [0, 1, 0]
    assert [[block.text for block in page.blocks] for page in pages] == [
        ["Гавань"],
        ["Глава первая", "Лодки."],
        ["Вторая", "Раз два"],
    ]


def test_nothing_is_fetched_and_entities_do_not_grow(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read")
    entities = f"<!ENTITY e SYSTEM '{secret.as_uri()}'><!ENTITY name 'Heron'><!ENTITY l0 'lol'>"
    entities += "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 9))
    start = f"<!DOCTYPE a [{entities}]><a>"
    content = start + "<p>Boat &name; &e; ends.</p></a>"
    assert texts(tmp_path, content) == [("paragraph", "Boat Heron ends.")]
    ((_, text),) = texts(tmp_path, start + "<p>Boat &l8;</p><p k='&l8;'/></a>")
    assert text == "Boat"


@pytest.mark.parametrize("encoding", ["utf-16", "windows-1251", "koi8-r", "utf-8"])
def test_any_encoding_is_read_also_where_the_file_claims_another(
    tmp_path: Path, encoding: str
) -> None:
    words = "Лодки выходят в море до восхода солнца и возвращаются к открытию рынка."
    for claimed in (encoding, "utf-8"):
        content = f'<?xml version="1.0" encoding="{claimed}"?><a><p>{words}</p></a>'
        if encoding != "utf-16" or claimed == encoding:
            assert texts(tmp_path, content.encode(encoding)) == [("paragraph", words)]


def test_deep_and_cut_markup_is_read(tmp_path: Path) -> None:
    assert texts(tmp_path, "<d>" * 250 + "deep" + "</d>" * 250)[0][1] == "deep"
    assert texts(tmp_path, "<a><p>whole</p><p>cut")[1] == ("paragraph", "cut")


def test_other_text_is_no_xml(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="no XML"):
        parsed(tmp_path, "Only some words.")
