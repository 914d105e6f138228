"""What kind of thing a question asks for, and where such things stand in a text. Pure functions.

Only what can be told by form: amounts, dates and names, in English and Russian.
"""

import re
from collections.abc import Iterator

from indexer.analysis import STOP_WORDS, stem, stems, words

_ASKS_AMOUNT = re.compile(
    r"\bhow (?:many|much|long|old|far|often|deep|high|wide|hot|cold|heavy|fast|large|big|tall|"
    r"thick|soon)\b|\bwhat (?:percent\w*|number|price|size|portion|fraction|share|population|score|"
    r"temperature|amount|length|height|width|weight|speed|cost|torque|pressure|depth|age|dose)\b|"
    r"\bwhat (?:does|do|did|will|would) .{1,80}\b(?:cost|weigh|measure)\b|"
    r"\bскольк|\bкак (?:часто|долго|далеко|быстро|глубоко|высоко)\b|"
    r"\bкак(?:ой|ая|ое|ова?|ую|ова) (?:процент|численност|дол[яюи]|площад|высот|длин|ширин|цен|"
    r"температур|стоимост|населен|количеств|числ|размер|вес|скорост|объ[её]м|сумм|возраст)",
    re.IGNORECASE,
)
_ASKS_MONEY = re.compile(
    r"\b(?:costs?|prices?|priced|fees?|fares?|pay|paid|pays|expensive|cheap)\b|"
    r"\b(?:цен[аеуы]|стоит|стоил\w?|стоимост\w+|плат\w+|заплат\w+|дорог\w*)\b",
    re.IGNORECASE,
)
_ASKS_DATE = re.compile(
    r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade)\b|"
    r"\bкогда\b|\bв как(?:ом|ой|ую) (?:год|век|месяц|день|период|дат|числ|столет)|"
    r"\bкак(?:ого|ой|ое) (?:год|числ|месяц|дат|век)",
    re.IGNORECASE,
)
_ASKS_NAME = re.compile(
    r"\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which) (?:person|president|king|queen|actor|player|"
    r"author|singer|band|company|team|group|organi[sz]ation|city|country|state|town|river|region|"
    r"continent|county|street|island)\b|\b(?:кто|кого|кому|кем|где|чь[яеёию]|чей)\b|"
    r"\bкак (?:зовут|звали)|\bв как(?:ом|ой) (?:город|стран|штат|регион|област)|"
    r"\bкак(?:ой|ая) (?:город|стран|река|компани|команд|организаци)",
    re.IGNORECASE,
)

_NUMERALS = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|"
    r"hundred|thousand|million|billion|half|third|quarter|twice|"
    r"один|одна|одно|одной|два|две|двух|двумя|три|тр[её]х|тремя|четыр[её]?\w*|пят[ьи]ю?|шест[ьи]ю?|"
    r"сем[ьи]ю?|вос[еь]м[ьи]ю?|девят[ьи]ю?|десят[ьи]ю?|сто|двадцат[ьи]|тридцат[ьи]|"
    r"тысяч\w?|миллион\w*|миллиард\w*|половин\w|треть\w?|четверт[ьи]|дважды|трижды)"
)
_FIGURES = r"(?:[$€£₽№]\s?)?\d(?:[\d.,:/–\-\u00a0\u202f]*\d)?"
_AMOUNT = re.compile(
    # Not the number of a part such as CS-40.
    rf"(?<!\w)(?<!(?-i:[A-ZА-ЯЁ])[-_/])(?:{_FIGURES}|{_NUMERALS}(?:[-\s]{_NUMERALS})*)(?!\w)"
    r"(?:\s?(?:%|°\s?[CFСК]?))?",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"[$€£₽]|\b(?:pounds?|dollars?|euros?|cents?|pence|roubles?|rubles?|usd|eur|gbp|rub|"
    r"руб\w*|доллар\w*|евро|фунт\w*|копе\w+|цент\w*)(?!\w)",
    re.IGNORECASE,
)
_UNIT = re.compile(r"\s?([^\W\d_]{1,14})")
_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"январ[яьею]|феврал[яьею]|март[ае]?|апрел[яьею]|ма[яйе]|июн[яьею]|июл[яьею]|август[ае]?|"
    r"сентябр[яьею]|октябр[яьею]|ноябр[яьею]|декабр[яьею])"
)
_DATE = re.compile(
    rf"(?<!\w)(?:\d{{1,2}}(?:st|nd|rd|th)?\s+)?{_MONTHS}(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?"
    r"(?:,?\s+\d{4})?(?!\w)|(?<!\w)\d{1,2}[./]\d{1,2}[./]\d{2,4}(?!\w)|(?<!\w)\d{4}-\d\d-\d\d(?!\w)|"
    r"(?<!\w)(?:1\d{3}|20\d\d)(?:s|-[хйем]+)?(?!\w)(?:\s+(?:год\w*|г\.))?|"
    r"(?<!\w)(?:\d{1,2}(?:st|nd|rd|th)\s+century|[XVI]+\s+век\w*)(?!\w)",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"[^\W\d_][\w'’-]*(?:\.(?=\s[^\W\d_]))?")
_MOST = 3  # stretches of one text

# What is written in a form of its own: a text without it cannot answer, whatever it is about.
_WRITTEN_FORMS = (
    (
        re.compile(
            r"\b(?:tele)?phone (?:no|number)|\bwhat is .{0,40}\b(?:tele)?phone\b|\bfax number|"
            r"\b(?:номер\w* )?(?:телефон|факс)\w*",
            re.IGNORECASE,
        ),
        re.compile(r"\+?\d[\d\s().–-]{5,}\d"),
    ),
    (
        re.compile(r"\be-?mail address|\bwhat is .{0,40}\be-?mail\b|электронн\w+ (?:почт|адрес)"),
        re.compile(r"[^\s@]+@[^\s@]+\.\w"),
    ),
)


def cannot_answer(question: str, text: str) -> bool:
    """Whether a telephone number or an e-mail address is asked for, and ``text`` has none."""
    return any(
        asks.search(question) and not written.search(text) for asks, written in _WRITTEN_FORMS
    )


def fits(question: str, text: str) -> bool:
    """Whether ``text`` holds the kind of thing that is asked for; False where it is not told."""
    return next(_candidates(question, text), None) is not None


def highlights(question: str, text: str) -> tuple[tuple[int, int], ...]:
    """``[start, end)`` of the stretches of ``text`` that most likely answer, in order.

    Those nearest to the words of the question are taken. Empty where nothing can be told.
    """
    asked = {word for word in stems(question) if word not in STOP_WORDS}
    places = [
        match.start() for match in re.finditer(r"\w+", text) if asked & set(stems(match.group()))
    ]
    found = sorted(
        _candidates(question, text),
        key=lambda span: min((abs(span[0] - place) for place in places), default=0),
    )
    return tuple(sorted(found[:_MOST] if _ASKS_NAME.search(question) else found[:1]))


def _candidates(question: str, text: str) -> Iterator[tuple[int, int]]:
    """Things of the wanted kind that the question does not say itself."""
    known = set(stems(question))
    if _ASKS_DATE.search(question):
        spans: Iterator[tuple[int, int]] = (match.span() for match in _DATE.finditer(text))
    elif _ASKS_AMOUNT.search(question):
        amounts = [_with_unit(text, match) for match in _AMOUNT.finditer(text)]
        asks_money = _ASKS_MONEY.search(question)
        sums = [span for span in amounts if asks_money and _MONEY.search(text[slice(*span)])]
        spans = iter(sums or amounts)
    elif _ASKS_NAME.search(question):
        spans = _names(text)
    else:
        return
    for start, end in spans:
        found = words(text[start:end])
        if found and not all(stem(word) in known for word in found):
            yield start, end


def _with_unit(text: str, amount: re.Match[str]) -> tuple[int, int]:
    """An amount and the word behind it, unless that is a small word."""
    unit = _UNIT.match(text, amount.end())
    counted = unit is not None and unit.group(1).casefold() not in STOP_WORDS
    plain = amount.group()[0].isalnum() and amount.group()[-1].isalnum()
    return amount.start(), unit.end() if unit is not None and counted and plain else amount.end()


def _names(text: str) -> Iterator[tuple[int, int]]:
    """Runs of capitalised words; one word at the beginning of the text says nothing."""
    runs: list[list[tuple[int, int]]] = []
    for match in _CAPITALISED.finditer(text):
        if not match.group()[0].isupper() or match.group().casefold() in STOP_WORDS:
            continue
        if runs and not text[runs[-1][-1][1] : match.start()].strip():
            runs[-1].append(match.span())
        else:
            runs.append([match.span()])
    for run in runs:
        if len(run) > 1 or run[0][0] > 0:
            yield run[0][0], run[-1][1]
