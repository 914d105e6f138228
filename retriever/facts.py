"""What a sentence states that can be wrong: numbers, dates, names, identifiers, negations.

Pure functions. Facts are compared as values, not as they are written: "1,000" is "1 000",
"12.03.2021" is "12 March 2021", "семь" is "7", "XIX век" is "the 19th century".
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.analysis import STOP_WORDS, script_of, stem, words
from retriever.lexical import exact_parts

_MONTHS = {
    prefix: number
    for number, prefixes in enumerate(
        (
            "january jan январ янв", "february feb феврал фев", "march mar март мар",
            "april apr апрел апр", "may май мая мае", "june jun июн", "july jul июл",
            "august aug август авг", "september sept sep сентябр сен", "october oct октябр окт",
            "november nov ноябр ноя", "december dec декабр дек",
        ),
        1,
    )
    for prefix in prefixes.split()
}  # fmt: skip
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|январ[ьяею]|феврал[ьяею]|"
    r"март[ае]?|апрел[ьяею]|ма[йяе]|июн[ьяею]|июл[ьяею]|август[ае]?|сентябр[ьяею]|октябр[ьяею]|"
    r"ноябр[ьяею]|декабр[ьяею])"
)
_SPACE = r"[ \t\u00a0\u202f\u2009]"
# March and May are words too: a month stands beside a number.
_MONTH_DATE = re.compile(
    rf"\b\d{{1,4}}(?:st|nd|rd|th|-?го)?(?:{_SPACE}+of)?{_SPACE}+({_MONTH})\b\.?|"
    rf"\b({_MONTH})\.?,?{_SPACE}+(?:the{_SPACE}+)?\d{{1,4}}(?!\d)",
    re.IGNORECASE,
)
_LONG_MONTH = re.compile(
    r"\b(january|february|april|june|july|august|september|october|november|december|январ\w|"
    r"феврал\w|апрел\w|июн\w|июл\w|август\w?|сентябр\w|октябр\w|ноябр\w|декабр\w)\b",
    re.IGNORECASE,
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_POINT_DATE = re.compile(r"\b(\d{1,2})([./])(\d{1,2})\2(\d{4}|\d{2})(?!\d)")
_CLOCK = re.compile(r"\b(\d{1,2}):(\d{2})\b")
_NUMBER = re.compile(
    r"(?<![\w.,])[-−]?(?:\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?!\d)|\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
    r"(?:[.,]\d+)?"
)
_ROMAN = re.compile(r"\b(?=[IVX]{2,}\b)X{0,3}(?:IX|IV|V?I{0,3})\b|\b[VX](?= (?:век|столет|centur))")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10}

_NUMBER_WORDS = {
    form: value
    for value, forms in {
        "2": "two twice second два две двух двумя двум двое второй второго вторая вторую",
        "3": "three third три трех тремя трем трое третий третья третьего",
        "4": "four fourth четыре четырех четырьмя четырем четверо четвертый четвертая",
        "5": "five fifth пять пяти пятью пятеро пятый пятая",
        "6": "six sixth шесть шести шестью шестеро шестой шестая",
        "7": "seven seventh семь семи семью семеро седьмой седьмая",
        "8": "eight eighth восемь восьми восемью восьмой восьмая",
        "9": "nine ninth девять девяти девятью девятый девятая",
        "10": "ten tenth десять десяти десятью десятый десятая",
        "11": "eleven eleventh одиннадцать одиннадцати",
        "12": "twelve twelfth двенадцать двенадцати",
        "13": "thirteen тринадцать тринадцати", "14": "fourteen четырнадцать четырнадцати",
        "15": "fifteen пятнадцать пятнадцати", "16": "sixteen шестнадцать шестнадцати",
        "17": "seventeen семнадцать семнадцати", "18": "eighteen восемнадцать восемнадцати",
        "19": "nineteen девятнадцать девятнадцати", "20": "twenty двадцать двадцати",
        "30": "thirty тридцать тридцати", "40": "forty сорок сорока",
        "50": "fifty пятьдесят пятидесяти", "60": "sixty шестьдесят шестидесяти",
        "70": "seventy семьдесят семидесяти", "80": "eighty восемьдесят восьмидесяти",
        "90": "ninety девяносто", "100": "hundred сто ста сотня",
        "1000": "thousand тысяча тысячи тысяч тысячу тыс", "1000000": "million миллион миллиона "
        "миллионов млн", "1000000000": "billion миллиард миллиарда миллиардов млрд",
    }.items()
    for form in forms.split()
}  # fmt: skip

# Words that begin a sentence without naming anything.
_OPENERS = frozenset(
    "according additionally after all also although among another as based because before besides "
    "both but consequently currently despite during each either finally first firstly following "
    "further furthermore generally given hence however if importantly indeed initially instead "
    "later like many moreover most nevertheless next no not note once one only otherwise overall "
    "secondly several similarly since so some sometimes specifically still such then therefore "
    "thereby through throughout thus today together under unlike until upon usually while within "
    "yes yet answer two three four five summary short documents document evidence passage source "
    "also согласно также таким кроме однако поэтому потом затем после перед если хотя когда итак "
    "да нет судя всего сначала позже далее например кстати видимо обычно именно ответ".split()
)
_PRONOUNS = frozenset(
    "he she it they him her them his hers its their theirs this these those that who which himself "
    "herself itself one we our i my you your он она оно они его ее их ему ей им ним ней него нее "
    "это этот эта эти этом этого свой свое своего свою своей который которая которые там тогда мы "
    "наш я мой вы ваш".split()
)

_NEGATION = re.compile(
    r"\b(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|would|should|must|need|wo|ca|might)"
    r"n['’]t|not(?! only| just)|no|never|cannot|without|neither|nor|none|nobody|nothing|"
    r"(?<!тем )не(?! (?:только|менее|более|меньше|больше|просто|раз)\b)|ни|нет|"
    r"без|нельзя|никогда|никто|ничего|никак\w*|невозможно|запрещ\w+|forbidden|prohibited)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,.;:](?!\d)|[!?()—–]|\b(?:but|а|но)\b")
_SAME_WORDS = 0.8  # share of common words above which two sentences must deny equally often
_AFTER_NEGATION = 2  # content words that a negation may speak of
# Of two words that deny each other, one must not stand for the other.
_OPPOSITES = tuple(
    tuple(frozenset(stem(word) for word in side.split()) for side in pair.split("/"))
    for pair in (
        "open opened opens/closed close closes shut",
        "before/after",
        "above over exceed exceeds/below under beneath",
        "more greater higher larger/fewer less lower smaller",
        "increase increased increases rise rose/decrease decreased decreases fell reduce reduced",
        "maximum most max/minimum least min",
        "first/last",
        "left/right",
        "north northern/south southern",
        "east eastern/west western",
        "allowed permitted legal/forbidden prohibited banned illegal",
        "hot warm/cold cool",
        "accepted/rejected",
        "true/false",
        "early earliest/late latest",
        "import imported/export exported",
        "win won/lose lost",
        "male/female",
        "inside/outside",
        "enable enabled/disable disabled",
        "start started began/end ended finished",
        "full/empty",
        "safe/dangerous unsafe",
        "possible/impossible",
        "succeeded success/failed failure",
        "открыт открыта открыто открыты открыть/закрыт закрыта закрыто закрыты закрыть",
        "до/после",
        "выше больше более свыше/ниже меньше менее",
        "увеличить увеличился увеличилась вырос выросла/уменьшить уменьшился снизить снизился",
        "максимум максимальный/минимум минимальный",
        "первый/последний",
        "левый слева/правый справа",
        "север северный/юг южный",
        "восток восточный/запад западный",
        "разрешено разрешен можно/запрещено запрещен нельзя",
        "горячий теплый/холодный",
        "всегда/никогда иногда",
        "включить включен включено/выключить выключен выключено",
        "начало начался/конец закончился",
        "возможно/невозможно",
        "безопасный/опасный",
    )
)


@dataclass(frozen=True, slots=True)
class Facts:
    """Values that must be found again in what supports a sentence."""

    numbers: frozenset[str]
    names: frozenset[str]  # stems
    identifiers: tuple[str, ...]  # as written
    counted: frozenset[tuple[str, str]]  # a number and the stem of the word after it


def facts_of(text: str) -> Facts:
    """The facts that ``text`` states."""
    return Facts(
        numbers=numbers_in(text, spelled=False),
        names=_names_in(text),
        identifiers=tuple(part.text for part in exact_parts(text) if _is_identifier(part.text)),
        counted=_counted_in(text),
    )


def numbers_in(text: str, *, spelled: bool = True) -> frozenset[str]:
    """Numbers and months as values; ``spelled`` ones ("seven") too, else only above ten."""
    found: set[str] = set()
    rest = text
    for date in _ISO_DATE.finditer(text):
        year, month, day = (int(part) for part in date.groups())
        found |= {str(year), f"month {month}", str(day)}
    rest = _ISO_DATE.sub(" ", rest)
    for date in _POINT_DATE.finditer(rest):
        first, mark, second, year_text = date.groups()
        found |= {str(int(year_text) + (2000 if len(year_text) == 2 else 0)), str(int(first))}
        found.add(f"month {int(second)}" if int(second) <= 12 else str(int(second)))
        if mark == "/" and int(first) <= 12:  # either may be the month
            found |= {f"month {int(first)}", str(int(second))}
    rest = _POINT_DATE.sub(" ", rest)
    for match in _MONTH_DATE.finditer(rest):
        found.add(f"month {_month(match.group(1) or match.group(2))}")
    found |= {f"month {_month(match)}" for match in _LONG_MONTH.findall(rest)}
    found |= {f"{int(hour)}:{minute}" for hour, minute in _CLOCK.findall(rest)}
    rest = _CLOCK.sub(" ", rest)
    found |= {_value(match) for match in _NUMBER.findall(rest)}
    found |= {str(_roman(match)) for match in _ROMAN.findall(rest) if match}
    for word in words(text):
        value = _NUMBER_WORDS.get(word)
        if value is not None and (spelled or len(value) > 1):
            found.add(value)
    return frozenset(found)


def holds_number(number: str, held: Iterable[str]) -> bool:
    """Whether ``number`` is one of ``held``, the sign and trailing zeros of decimals aside."""
    values = set(held)
    return number in values or number.lstrip("-") in {each.lstrip("-") for each in values}


def alike(one: str, other: str) -> bool:
    """Whether two stems are forms of one word: equal, or apart by an ending.

    As in :mod:`retriever.lexical`: stemmers part what inflection joins, most of all in Russian.
    """
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < 4 or len(long) - len(short) > 3 or not short.isalpha() or not long.isalpha():
        return False
    if script_of(short) == "cyrillic":
        return long.startswith(short[: max(4, len(short) - 2)])
    return len(short) >= 5 and long.startswith(short)


def held_in(wanted: str, held: Iterable[str]) -> bool:
    """Whether a form of ``wanted`` is among the stems ``held``."""
    return any(alike(wanted, each) for each in held)


def says_something(word: str) -> bool:
    """Whether a folded word is content: no function word, opener, number or month."""
    return not (
        word in STOP_WORDS
        or word in _OPENERS
        or word in _PRONOUNS
        or word in _NUMBER_WORDS
        or word[0].isdigit()
        or _LONG_MONTH.fullmatch(word)
    )


def has_pronoun(text: str) -> bool:
    return not _PRONOUNS.isdisjoint(words(text))


def contradicts(claim: str, evidence: str) -> bool:
    """Whether ``claim`` denies what ``evidence`` says of the same thing, or the other way about.

    What a negation speaks of are the words after it. A word that one of the two negates and the
    other uses plainly, and a word that stands where the other has its opposite, contradict.
    """
    here, there = _denials(claim), _denials(evidence)
    if _denies(here, there, evidence) or (
        _denies(there, here, claim) and not any(_uses_plainly(evidence, each) for each in there)
    ):
        return True
    said, held = _stems(claim), _stems(evidence)
    if len(here) != len(there) and len(said & held) >= _SAME_WORDS * max(len(said), len(held)):
        return True
    return _opposed(said, held, bool(here) != bool(there))


def counts_conflict(claim: Facts, evidence: Facts) -> bool:
    """Whether ``claim`` gives something another number than ``evidence`` gives it."""
    for number, thing in claim.counted:
        theirs = {each for each, other in evidence.counted if alike(other, thing)}
        if theirs and number not in theirs:
            return True
    return False


def _month(word: str) -> int:
    lowered = word.lower()
    return next(number for prefix, number in _MONTHS.items() if lowered.startswith(prefix[:3]))


def _value(text: str) -> str:
    """A number as written, as Python writes it: no grouping, a point before the decimals."""
    bare = re.sub(r"[ \u00a0\u202f\u2009]", "", text).replace("−", "-")
    if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare):
        bare = bare.replace(",", "")
    bare = bare.replace(",", ".")
    whole, _, decimals = bare.partition(".")
    decimals = decimals.rstrip("0")
    sign = "-" if whole.startswith("-") else ""
    digits = whole.lstrip("-").lstrip("0") or "0"
    return f"{sign}{digits}.{decimals}" if decimals else f"{sign}{digits}"


def _roman(text: str) -> int:
    values = [_ROMAN_DIGITS[letter] for letter in text]
    return sum(
        -value if index + 1 < len(values) and value < values[index + 1] else value
        for index, value in enumerate(values)
    )


_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W\d_]{1,2}\b)?")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n]\s*)[\"'«“‘(\[*-]*\s*$")


def _names_in(text: str) -> frozenset[str]:
    """Stems of words that begin with a capital though no sentence begins with them.

    The first word of a sentence is a name too, unless it is a usual opener.
    """
    names: set[str] = set()
    for token in _TOKEN.finditer(text):
        word = token.group()
        if not word[0].isupper():
            continue
        folded = words(word)[0]
        starts = _SENTENCE_START.search(text[: token.start()]) is not None
        usual = folded in STOP_WORDS or folded in _OPENERS or folded in _PRONOUNS
        if usual or folded in _NUMBER_WORDS or _ROMAN.fullmatch(word):
            continue
        if re.fullmatch(_MONTH, word, re.IGNORECASE):
            continue
        if starts and not _names_follow(text[token.end() :]):
            continue
        names.add(stem(folded))
    return frozenset(names)


def _names_follow(rest: str) -> bool:
    """Whether the next word begins with a capital, so that the first one does so of itself."""
    following = re.match(r"\s+([^\W\d_]+)", rest)
    return following is not None and following.group(1)[0].isupper()


def _is_identifier(text: str) -> bool:
    """Whether ``text`` is more than a number with its unit or an ordinal."""
    return not re.fullmatch(
        r"[\d.,:/-]+(?:st|nd|rd|th|s|-?[а-я]{1,3}|[a-zµ°%]{1,3})?", text, re.IGNORECASE
    )


def _counted_in(text: str) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for match in re.finditer(rf"{_NUMBER.pattern}[ \u00a0-]?([^\W\d_]{{3,}})", text):
        thing = words(match.group(1))[0]
        if thing not in STOP_WORDS and not re.fullmatch(_MONTH, match.group(1), re.IGNORECASE):
            number = _NUMBER.match(match.group())
            if number is not None:
                found.add((_value(number.group()), stem(thing)))
    for one, other in pairwise(words(text)):
        value = _NUMBER_WORDS.get(one)
        if value is not None and len(other) > 2 and other not in STOP_WORDS | _NUMBER_WORDS.keys():
            found.add((value, stem(other)))
    return frozenset(found)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text))


def _denials(text: str) -> list[frozenset[str]]:
    """For each negation, the stems of the words that it speaks of: the first ones after it."""
    found = []
    for match in _NEGATION.finditer(text):
        clause = _CLAUSE_END.split(text[match.end() :], maxsplit=1)[0]
        content = [word for word in words(clause) if says_something(word)]
        found.append(frozenset(stem(word) for word in content[:_AFTER_NEGATION]))
    return found


def _denies(ones: Sequence[frozenset[str]], others: Sequence[frozenset[str]], text: str) -> bool:
    """Whether one side denies what the other, ``text``, says plainly and does not deny."""
    denied = frozenset().union(*others)
    return any(
        _uses_plainly(text, each) and not any(held_in(word, denied) for word in each)
        for each in ones
    )


def _uses_plainly(text: str, wanted: frozenset[str]) -> bool:
    """Whether one of the words is used in ``text`` otherwise than after a negation."""
    uses = Counter(stem(word) for word in words(text))
    for denied in _denials(text):
        uses.subtract(denied)
    return any(count > 0 and held_in(word, wanted) for word, count in uses.items())


def _opposed(said: frozenset[str], held: frozenset[str], one_is_denied: bool) -> bool:
    """Whether a word of one side stands where the other side has its opposite.

    A negation on one side turns that about: "not open" is "closed".
    """
    if one_is_denied:
        return False
    for pair in _OPPOSITES:
        for mine, theirs in (pair, pair[::-1]):
            if said & mine and held & theirs and not said & theirs and not held & mine:
                return True
    return False
