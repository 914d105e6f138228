"""Follow-up questions in Russian, completed by rules over a dictionary of word forms.

What a question is about are its groups of nouns; a pronoun stands for one that agrees with it in
gender and number, and the group takes the pronoun's case.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from retriever.followups.before import Before, Phrase, asked, bare, swapped, unlike
from retriever.followups.forms import (
    BESIDE_NOUN,
    QUOTED,
    WORD,
    Gender,
    agreeing,
    case_of,
    gender_of,
    has_case,
    inflected,
    is_pronominal,
    lemma,
    parses,
    part_of_speech,
)

_QUESTION_LEMMAS = frozenset(
    "кто что какой который чей сколько где куда откуда когда почему зачем как отчего насколько "
    "каков чем".split()
)
# What things have: "глубина колодца" is about the well.
_QUALITIES = frozenset(
    "адрес автор архитектор вес возраст время высота год дата давление диаметр директор длина "
    "должность емкость зарплата значение имя количество конструктор координата курс масса "
    "мощность название назначение население напряжение номер объём объем основатель причина "
    "площадь плотность производитель размер расстояние результат скорость смысл создатель срок "
    "стоимость структура сумма телефон температура тираж толщина цвет цель цена число ширина "
    "глубина гарантия владелец композитор изобретатель лет".split()
)
_CORPUS = frozenset("документ файл страница текст статья отчёт отчет источник книга письмо".split())
_DEICTIC = frozenset(
    "год месяц неделя день время утро вечер ночь век момент раз случай лето зима весна "
    "осень".split()
)
_CYCLES = (
    frozenset("зимой весной летом осенью".split()),
    frozenset("утром днём днем вечером ночью".split()),
    frozenset("вчера сегодня завтра".split()),
)
_MONTHS = (
    r"(?:январ[ьяе]|феврал[ьяе]|март[ае]?|апрел[ьяе]|ма[йяе]|июн[ьяе]|июл[ьяе]|август[ае]?|"
    r"сентябр[ьяе]|октябр[ьяе]|ноябр[ьяе]|декабр[ьяе])"
)
_DATE = re.compile(
    rf"\b(?:(?P<prep>во?|со?|до|после|к|на|за|от)\s+)?"
    rf"(?:(?:\d{{1,2}}\s+)?{_MONTHS}(?:\s+\d{{3,4}}(?:\s+года?)?)?"
    rf"|(?:1\d{{3}}|20\d{{2}})(?:-?(?:м|х|е|го|му|й|ых|ом))?(?:\s+(?:год(?:у|а|ах|ы|ом)?|г\.?))?"
    rf"|(?:[IVX]+|\d{{1,2}})(?:-?(?:м|ом|го))?\s+век(?:е|а|у)?)(?![^\W_])",
    re.I,
)
_LEAD = re.compile(
    r"^(?:(?:а|и|но|ну|так|хорошо|ладно|ок|спасибо|тогда|или|да|нет|понятно)\b[\s,.:!—-]*)+", re.I
)
_ABOUT = re.compile(
    r"^(?:(?:как|что)\s+(?:же\s+)?(?:насч[её]т|касается|касательно|по\s+поводу|относительно|про|с|"
    r"со|об?|обо)|как\s+же)\s+",
    re.I,
)
_PREPOSITION = re.compile(
    r"^(во?|на|у|для|из|со?|до|после|при|под|над|без|около|к|по|о|об|за|через|между|перед|от)\s+",
    re.I,
)
_CODE = re.compile(r"(?<![^\W_])[A-ZА-ЯЁ]+-?\d+(?![^\W_])")
_NUMBERED = re.compile(r"^(?:на\s+|в\s+)?([а-яё]+)\s+(\d+)$", re.I)
_REASK = re.compile(
    r"(?:(?:с|в|до|для|из-за|по|от|за|о|на|к|у)\s+)?(?:почему|зачем|когда|где|кто|кем|кого|кому|"
    r"куда|откуда|как|сколько|каких?|какой|какая|какое|какие|каком|какого|какую|чем|чего|что|"
    r"насколько|каким образом|отчего|который|которая)"
    r"(?:\s+(?:именно|же|ещё|еще|так|это|точно|конкретно|раз|лет|пор|году|городе|стране|"
    r"времени|часто|долго|причине|цел[иья]ю?|число|числа|образом))?",
    re.I,
)
_MORE = re.compile(
    r"(?:пожалуйста\s+)?(?:расскажи(?:те)?\s+)?(?:мне\s+)?(?:об этом\s+)?(?:подробнее|подробней|"
    r"поподробнее|больше|ещё|еще|детали|подробности)(?:\s+пожалуйста)?|(?:объясни|поясни|"
    r"продолжай|уточни|дальше)(?:те)?",
    re.I,
)
# What was done is the whole question before.
_DID_IT = re.compile(
    r"(почему|зачем|когда|где|как|отчего)\s+(?:(?:он|она|оно|они)\s+)?(?:это|так)\s+"
    r"(?:сделал[аои]?|поступил[аои]?|произошло|случилось|получилось|вышло)"
    r"|(почему|зачем|когда|где|как|отчего)\s+(?:произошло|случилось)\s+это",
    re.I,
)
_AGAIN = re.compile(
    r"(?:ты|вы)\s+уверен[аы]?|точно|правда|это\s+(?:точно|правда|так)|например|что-нибудь\s+"
    r"(?:ещё|еще)|откуда\s+(?:это\s+)?известно|серь[её]зно",
    re.I,
)
_NOMINATIVE = {"он": "masc", "она": "femn", "оно": "neut", "они": "plur"}
_OBLIQUE: dict[str, tuple[Gender, str]] = {
    "его": ("masc", "accs"), "него": ("masc", "gent"), "ему": ("masc", "datv"),
    "нему": ("masc", "datv"), "им": ("masc", "ablt"), "ним": ("masc", "ablt"),
    "нём": ("masc", "loct"), "нем": ("masc", "loct"), "её": ("femn", "accs"),
    "ее": ("femn", "accs"), "неё": ("femn", "gent"), "нее": ("femn", "gent"),
    "ей": ("femn", "datv"), "ней": ("femn", "loct"), "ею": ("femn", "ablt"),
    "нею": ("femn", "ablt"), "их": ("plur", "accs"), "них": ("plur", "gent"),
    "ими": ("plur", "ablt"), "ними": ("plur", "ablt"),
}  # fmt: skip
_POSSESSIVE = frozenset("его её ее их".split())
_SHOWN = re.compile(r"\b(?:это|эт(?:от|а|и|ой|ого|ому|им|ом|у|их|ими)|сие)\b(?!\s+время\b)", re.I)
_PLACES = re.compile(r"\b(там|туда|оттуда)\b", re.I)
_BACK_THEN = re.compile(r"^[^,]*\bтогда\b[^,]*$|\b(?:в\s+то\s+время|потом|после\s+этого)$", re.I)
_LIVING = re.compile(
    r"\b(?:роди|умер|жил|жив[её]т|учи|женил|женат|замуж|работа|служи|похорон|жена|муж|дети|"
    r"написа|изобр|открыл|звали|зовут|лет\b)",
    re.I,
)
_BOUNDARY = re.compile(
    r",|—|\b(?:и|а|но|или|если|чтобы|потому|который|которая|которые|пока|прежде)\b", re.I
)
_NOUN_LIKE = frozenset({"NOUN", "LATN", "UNKN"})
_VERBS = frozenset({"VERB", "INFN", "PRTS", "GRND", "PRED", "ADJS"})


@dataclass(frozen=True, slots=True)
class _Group(Phrase):
    """A group of nouns with the gender of its head; ``head`` counts from its first word."""

    gender: Gender = ""
    quality: bool = False
    named: bool = False


def complete(question: str, before: Before) -> str | None:
    """``question`` with what it leaves out, from ``before``; None if it stands by itself."""
    core = bare(_LEAD.sub("", question.strip(), count=1))
    joined = len(core) < len(bare(question))
    if not core:
        return before.question
    for attempt in (_asked_again, _fragment, _with_pronouns, _without_noun):
        found = attempt(core, before, joined=joined)
        if found:
            return found
    return None


def _asked_again(core: str, before: Before, *, joined: bool) -> str | None:  # noqa: ARG001
    """Questions of hardly more than a question word: "Почему?", "С каких пор?", "Подробнее"."""
    if _AGAIN.fullmatch(core):
        return before.question
    done = _DID_IT.fullmatch(core)
    if done or _REASK.fullmatch(core):
        core = (done[1] or done[2]) if done else core
        wanted = re.sub(r"\s+(?:это|так|же)$", "", core, flags=re.I)
        rest = _after_question_words(before.question)
        return asked(f"{wanted} {rest}") if rest else before.question
    if _MORE.fullmatch(core):
        topic = _topic(before)
        return asked(f"{core}: {topic}") if topic else before.question
    return None


def _after_question_words(question: str) -> str:
    """From "построили" on in "В каком году построили мост?"."""
    text = bare(_LEAD.sub("", question))
    words = list(WORD.finditer(text))
    index = 1 if words and part_of_speech(words[0][0]) == "PREP" else 0
    if len(words) <= index or lemma(words[index][0]) not in _QUESTION_LEMMAS:
        return _lower_first(text)
    index += 1
    if words[index - 1][0].lower() in {"как", "насколько"} and len(words) > index:
        index += part_of_speech(words[index][0]) in {"ADVB", "ADJS"}
    elif lemma(words[index - 1][0]) in {"какой", "сколько"} and len(words) > index + 1:
        # "В каком году", but "Какая глубина" is what is asked.
        asks_when = lemma(words[index][0]) in _DEICTIC | {"раз", "город", "страна", "число"}
        index += asks_when
    return text[words[index].start() :] if len(words) > index else ""


def _lower_first(text: str) -> str:
    """A question that another is put before: without its capital and "ли"."""
    text = re.sub(r"\s+ли\b", "", text, count=1)
    first = text.split(maxsplit=1)[0] if text else ""
    return (
        text[:1].lower() + text[1:] if first and part_of_speech(first) not in _NOUN_LIKE else text
    )


def _fragment(core: str, before: Before, *, joined: bool) -> str | None:
    """The question before, changed: "А Эрмитаж?", "А в 1990 году?", "В Берлине?"."""
    about = _ABOUT.match(core)
    new = core[about.end() :] if about else core
    words = [word[0] for word in WORD.finditer(new)]
    if not words or len(words) > 7 or any(lemma(word) in _QUESTION_LEMMAS for word in words):
        return None
    if len(words) > 1 and any(part_of_speech(word) in _VERBS for word in words):
        return None
    if _pronouns(new):
        resolved = _with_pronouns(new, before, joined=joined)
        return resolved if resolved else None
    named = all(word[0].isupper() or word[0].isdigit() for word in words)
    placed = _PREPOSITION.match(new) or _DATE.fullmatch(new)
    if not (about or joined or placed or (named and len(words) <= 4)):
        return None
    return asked(_exchanged(bare(before.question), new, governed=about is not None))


def _exchanged(question: str, new: str, *, governed: bool) -> str:
    """``question`` with ``new`` in the place of the like of it, else at its end."""
    if _DATE.fullmatch(new):
        date = _DATE.search(question)
        if date is None:
            return f"{question} {new if _PREPOSITION.match(new) else f'в {new}'}"
        kept = f"{date['prep']} " if date["prep"] and not _PREPOSITION.match(new) else ""
        return swapped(question, Phrase(date[0], *date.span()), kept + new)
    for cycle in _CYCLES:
        old = next((word for word in WORD.finditer(question) if word[0].lower() in cycle), None)
        if new.lower() in cycle:
            if old:
                return swapped(question, Phrase(old[0], *old.span()), new)
            return f"{question} {new}"
    numbered = _NUMBERED.match(new)
    if numbered:
        stem = numbered[1][: max(3, len(numbered[1]) - 2)]
        like = re.search(rf"\b({stem}\w*)\s+\d+", question, re.I)
        if like:
            return swapped(question, Phrase(like[0], *like.span()), f"{like[1]} {numbered[2]}")
    codes = list(_CODE.finditer(question))
    if codes and _CODE.fullmatch(new):
        return swapped(question, Phrase(codes[-1][0], *codes[-1].span()), new)
    groups = _groups(question)
    things = [each for each in groups if not each.quality]
    placed = _PREPOSITION.match(new)
    if placed and not governed:
        behind = re.compile(rf"\b{placed[1][:1]}\w{{0,2}}\s+$", re.I)
        places = [each for each in things if behind.search(question[: each.start])]
        if places:
            return swapped(question, places[-1], new[placed.end() :])
        named = [each for each in things if each.named]
        return swapped(question, named[-1], new) if named else f"{question} {new}"
    wanted = _groups(new)
    if wanted and wanted[0].quality:
        # What "какой" asks for is one, whatever it is called.
        which = re.match(r"(?:какой|какая|какое|каков|какова|каково)\s+", question, re.I)
        qualities = [
            each for each in groups if each.quality or (which and each.start == which.end())
        ]
        if qualities:
            changed = swapped(question, qualities[0], new)
            first = WORD.match(changed)
            if first and lemma(first[0]) in {"какой", "каков"}:
                asks = agreeing(first[0], wanted[0].gender)
                return f"{asks[:1].upper()}{asks[1:]}{changed[first.end() :]}"
            return changed
        topic = _best(things, "")
        return f"{new} {inflected(topic.text, 'gent')}" if topic else f"{question}, {new}"
    is_named = any(word[0][0].isupper() for word in WORD.finditer(new))
    alike = [each for each in things if each.named == is_named] or things
    target = _best(alike, "")
    if re.search(r"\sли\s", question):  # "Покрывает ли страховка град?" asks about the last
        target = next((each for each in reversed(alike) if not each.governed), target)
    if target is None:
        return f"{question}, {new}"
    owner = re.search(r"(?<=[а-яё]\s)[^\s,]+$", target.text)
    if owner and case_of(owner[0]) == "gent" and has_case(WORD.findall(new)[0], "gent"):
        start = target.start + owner.start()
        return swapped(question, Phrase(owner[0], start, target.end), new)
    case = case_of(target.text)
    return swapped(question, target, inflected(new, case) if case else new)


# -- pronouns ----------------------------------------------------------------------------------


def _pronouns(core: str) -> list[tuple[str, re.Match[str]]]:
    """Words that stand for something outside the question, by kind."""
    found: list[tuple[str, re.Match[str]]] = []
    for word in WORD.finditer(core):
        low = word[0].lower()
        if low in _NOMINATIVE or low in _OBLIQUE:
            if not _meant_inside(core, word):
                found.append(("person", word))
        elif _SHOWN.fullmatch(low):
            following = WORD.search(core, word.end())
            deictic = following is not None and lemma(following[0]) in _DEICTIC
            if not deictic and not (low == "это" and _meant_inside(core, word)):
                found.append(("shown", word))
        elif _PLACES.fullmatch(low) and not _meant_inside(core, word):
            found.append(("place", word))
    return found


def _meant_inside(core: str, match: re.Match[str]) -> bool:
    """Whether a noun before the pronoun, in an earlier clause, is what it stands for."""
    ahead = core[: match.start()]
    boundaries = list(_BOUNDARY.finditer(ahead))
    if not boundaries:
        return False
    clause = ahead[: boundaries[-1].start()]
    gender = _NOMINATIVE.get(match[0].lower()) or _OBLIQUE.get(match[0].lower(), ("", ""))[0]
    return any(_agrees(each, gender) for each in _groups(clause) if not each.quality)


def _with_pronouns(core: str, before: Before, *, joined: bool) -> str | None:  # noqa: ARG001
    """The first pronoun replaced by what it stands for, in its case."""
    then = _BACK_THEN.search(core)
    if then and len(core.split()) > 1:
        date = _DATE.search(before.question) or _DATE.search(before.answer)
        when = date[0] if date else _topic(before)
        return asked(f"{core} ({when})") if when else None
    changes: list[tuple[int, int, str]] = []
    used: set[str] = set()
    for kind, match in _pronouns(core):
        if kind == "person":
            change = _named(core, match, before, used)
        else:
            change = (_placed if kind == "place" else _shown)(core, match, before, used)
        if change:
            changes.append(change)
    if not changes:
        return None
    for start, end, new in sorted(changes, reverse=True):
        core = core[:start] + new + core[end:]
    return asked(core)


def _named(
    core: str, match: re.Match[str], before: Before, used: set[str]
) -> tuple[int, int, str] | None:
    """What "он" or "её" is, with its place in ``core``. ``used`` are topics named already."""
    word = match[0].lower()
    gender, case = _OBLIQUE.get(word, (_NOMINATIVE.get(word, ""), "nomn"))
    topic = _topic(before, gender, living=bool(_LIVING.search(core)), but=used)
    if not topic:
        return None
    used.add(topic)
    noun = _owned(core, match) if word in _POSSESSIVE else None
    if noun is not None:
        owned = core[match.end() : noun].strip()
        return match.start(), noun, f"{owned} {inflected(topic, 'gent')}"
    return *match.span(), inflected(topic, case)


def _placed(
    core: str,  # noqa: ARG001
    match: re.Match[str],
    before: Before,
    used: set[str],
) -> tuple[int, int, str] | None:
    """Where "там", "туда" and "оттуда" are, with the preposition that the place had before."""
    topic = _place(before)
    if not topic or topic in used:
        return None
    used.add(topic)
    had = re.findall(r"\b(в|во|на)\s", before.question, re.I)
    inside = had[-1].lower() if had else "в"
    preposition, case = {
        "там": (inside, "loct"),
        "туда": (inside, "accs"),
        "оттуда": ("с" if inside == "на" else "из", "gent"),
    }[match[0].lower()]
    return *match.span(), f"{preposition} {inflected(topic, case)}"


def _owned(core: str, match: re.Match[str]) -> int | None:
    """Where the noun ends that a possessive stands before."""
    for word in WORD.finditer(core, match.end()):
        pos = part_of_speech(word[0])
        if pos == "NOUN" or (pos in _NOUN_LIKE and word[0][0].isupper()):
            return word.end()
        if pos not in BESIDE_NOUN:
            return None
    return None


def _shown(
    core: str, match: re.Match[str], before: Before, used: set[str]
) -> tuple[int, int, str] | None:
    """The topic beside the noun of "этот дом", or behind a question with "это"."""
    following = WORD.search(core, match.end())
    topic = _topic(before)
    beside = following and not core[match.end() : following.start()].strip()
    if following and beside and part_of_speech(following[0]) == "NOUN":
        lemma_here = lemma(following[0])
        if lemma_here in _CORPUS and before.title:
            topic = before.title
        if not topic or topic in used:
            return None
        used.add(topic)
        if lemma_here in {lemma(word[0]) for word in WORD.finditer(topic)}:
            case = case_of(following[0])
            return match.start(), following.end(), inflected(topic, case) if case else topic
        return following.end(), following.end(), f" ({topic})"
    if not topic or topic in used:
        return None
    used.add(topic)
    return len(core), len(core), f" ({topic})"


def _without_noun(core: str, before: Before, *, joined: bool) -> str | None:  # noqa: ARG001
    """What is asked without saying of what: "Когда построили?", "Какая высота?"."""
    words = [word[0] for word in WORD.finditer(core)]
    first = 1 if part_of_speech(words[0]) == "PREP" else 0
    if len(words) > 5 or len(words) <= first or lemma(words[first]) not in _QUESTION_LEMMAS:
        return None
    rest = words[first + 1 :]
    if rest and lemma(rest[0]) in _DEICTIC and lemma(words[first]) == "какой":
        rest = rest[1:]
    if not rest:
        return None
    kinds = [part_of_speech(word) for word in rest]
    topic = _topic(before)
    if not topic:
        return None
    if all(kind in _VERBS | {"ADVB", "PRCL", "NPRO"} for kind in kinds) and (
        set(kinds) & {"VERB", "PRTS"}
    ):
        passive = any(_is_active_singular(word) for word in rest)
        case = "nomn" if passive else "accs"
        return asked(f"{core} {inflected(topic, case)}")
    nouns = [word for word, kind in zip(rest, kinds, strict=True) if kind == "NOUN"]
    others = set(kinds) - {"NOUN", "ADJF", "VERB", "PRCL"}
    if len(nouns) == 1 and not others and lemma(nouns[0]) in _QUALITIES:
        if kinds[-1] == "NOUN":
            return asked(f"{core} {inflected(topic, 'gent')}")
        return asked(f"{core} ({topic})")
    return None


def _is_active_singular(word: str) -> bool:
    """Whether what is asked about does it itself: "находится", "родился"."""
    tag = parses(word)[0].tag
    return tag.POS in {"VERB", "PRTS"} and (
        "sing" in tag or "intr" in tag or word.endswith(("ся", "сь"))
    )


# -- what a question is about ------------------------------------------------------------------


def _topic(
    before: Before, gender: str = "", *, living: bool = False, but: Collection[str] = ()
) -> str:
    """What the question was about in the nominative; with a gender, what agrees with it.

    ``but`` are topics that it is not.
    """
    quoted = QUOTED.search(before.question)
    if quoted and not gender:
        return quoted[0]
    every = _groups(before.question)
    groups = [
        each for each in every if not each.quality and inflected(each.text, "nomn") not in but
    ]
    told = [
        each
        for each in _groups(before.answer)
        if each.named and inflected(each.text, "nomn") not in but
    ]
    asks_who = re.search(r"\b(?:кто|кем|кого|кому)\b", before.question, re.I)
    if gender:
        if asks_who and quoted:  # "Кто написал «Сталкера»?" names no person
            groups = [each for each in groups if not quoted.start() < each.start < quoted.end()]
        agreeing = [each for each in groups if _agrees(each, gender)]
        person = unlike([each for each in told if _agrees(each, gender)], before.question)
        if person and (not agreeing or (asks_who and living)):
            return inflected(person.text, "nomn")
        groups = agreeing or groups
    found = _best(groups, gender)
    if found:
        for each in every:  # "война" in "война со Швецией"
            between = before.question[found.end : each.start]
            if each.named and re.fullmatch(
                r"\s+(?:со?|во?|на|между|против|под)\s+[«\"“]?", between
            ):
                name = between.rstrip('«"“') + (quoted[0] if quoted else each.text)
                return inflected(found.text, "nomn") + name
        return inflected(found.text, "nomn")
    return quoted[0] if quoted else before.title


def _place(before: Before) -> str:
    if re.match(r"(?:где|куда|откуда|в како[мй]|како[йе]|столиц)", before.question, re.I):
        told = unlike([each for each in _groups(before.answer) if each.named], before.question)
        if told:
            return inflected(told.text, "nomn")
    governed = [each for each in _groups(before.question) if each.governed and not each.quality]
    inside = re.compile(r"\b(?:в|во|на)\s+$", re.I)
    governed.sort(key=lambda each: not inside.search(before.question[: each.start]))
    return inflected(governed[0].text, "nomn") if governed else _topic(before)


def _best(groups: Sequence[_Group], gender: str) -> _Group | None:
    """What no preposition governs before the rest, then by place; without a gender, names first."""
    found = [each for each in groups if _agrees(each, gender)] or list(groups)
    found.sort(key=lambda each: (each.governed, not (each.named or gender)))
    return found[0] if found else None


def _agrees(group: _Group, gender: str) -> bool:
    return (
        not gender
        or not group.gender
        or group.gender == gender
        or (gender == "masc" and group.gender == "neut")
    )


def _groups(text: str) -> list[_Group]:
    """Groups of nouns: adjectives, a noun or name, and genitives that follow it."""
    words = list(WORD.finditer(text))
    found: list[_Group] = []
    index = 0
    while index < len(words):
        taken = _taken(text, words, index)
        if taken == index:
            index += 1
            continue
        found.extend(_of_group(text, words, index, taken))
        index = taken
    return found


def _taken(text: str, words: list[re.Match[str]], first: int) -> int:
    """The index behind the group that begins at ``first``; ``first`` itself if none does."""
    end, head = first, False
    for index in range(first, len(words)):
        word = words[index][0]
        if index > first and text[words[index - 1].end() : words[index].start()].strip():
            break
        kind = _kind(words, index, text)
        if kind == "noun":
            if head and not _continues(words, index):
                break
            head, end = True, index + 1
        elif kind == "beside":
            if head and not (word[0].isdigit() or has_case(word, "gent")):
                break
            if head and word[0].isdigit():
                end = index + 1
        else:
            break
    return end if head else first


def _continues(words: list[re.Match[str]], index: int) -> bool:
    """Whether a noun belongs to the one before it: a genitive, or both are names."""
    here, previous = words[index][0], words[index - 1][0]
    if here[0].isupper() and (previous[0].isupper() or case_of(here) in {"nomn", "accs"}):
        return True
    return has_case(here, "gent")


def _kind(words: list[re.Match[str]], index: int, text: str) -> str:
    word = words[index][0]
    if word.lower() in _NOMINATIVE or word.lower() in _OBLIQUE or len(word) == 1:
        return ""
    begins = index == 0 or re.search(r"[.!?:]\s*[\"“«]?$", text[: words[index].start()])
    pos = part_of_speech(word)
    if lemma(word) in _QUESTION_LEMMAS or pos in {"NPRO", "PREP", "CONJ", "PRCL"}:
        return ""
    if word[0].isupper() and not begins:
        following = words[index + 1][0] if index + 1 < len(words) else ""
        if pos not in BESIDE_NOUN or not following or part_of_speech(following) != "NOUN":
            return "noun"  # also "на Садовой", an adjective by itself
    if pos in _NOUN_LIKE:
        return "noun"
    if pos in BESIDE_NOUN and not is_pronominal(word):
        return "beside"
    return ""


def _of_group(text: str, words: list[re.Match[str]], first: int, behind: int) -> list[_Group]:
    """The group; a quality ("глубина") and what has it are two."""
    ahead = words[first - 1][0] if first else ""
    governed = bool(ahead) and part_of_speech(ahead) == "PREP"
    nouns = [each for each in range(first, behind) if _kind(words, each, text) == "noun"]
    head = nouns[0]
    parts = [(first, behind, governed)]
    if _is_quality(words, head):
        parts = [(first, head + 1, governed)]
        if head + 1 < behind:
            parts.append((head + 1, behind, False))
    result = []
    for start, end, has_preposition in parts:
        place = (words[start].start(), words[end - 1].end())
        inner = [each for each in nouns if start <= each < end]
        if not inner:
            continue
        named = any(
            words[each][0][0].isupper() and (each > 0 or len(inner) > 1)
            for each in range(start, end)
        )
        result.append(
            _Group(
                text[slice(*place)],
                *place,
                has_preposition,
                gender=gender_of([word[0] for word in words[:behind]], inner[0]),
                quality=_is_quality(words, inner[0]),
                named=named,
            )
        )
    return result


def _is_quality(words: list[re.Match[str]], index: int) -> bool:
    word = words[index][0]
    return lemma(word) in _QUALITIES and (index == 0 or word.islower())
