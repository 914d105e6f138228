"""Numbers and dates of spreadsheets as their number format shows them.

Source: ECMA-376 Part 1, 18.8.30 and 18.8.31. Separators are those of the format code ("1,234.5"),
since the file does not say where it is read.
"""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

# The codes that a file names by number only; those of dates depend on the reader's country
# and are shown in the international order.
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: "#,##0", 6: "#,##0",
    7: "#,##0.00", 8: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd hh:mm",
    37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 41: "#,##0;(#,##0);-", 42: "#,##0;(#,##0);-",
    43: "#,##0.00;(#,##0.00);-", 44: "#,##0.00;(#,##0.00);-", 45: "mm:ss", 46: "[h]:mm:ss",
    47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip

_TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)|(?P<escaped>\\.)|(?P<space>_.)|(?P<fill>\*.)
    |(?P<elapsed>\[(?:h+|m+|s+)\])|(?P<bracket>\[[^\]]*\])|(?P<noon>AM/PM|A/P)
    |(?P<general>General)|(?P<exponent>E[+-])|(?P<date>y+|m+|d+|h+|s+(?:\.0+)?|e+|b+|g+)
    |(?P<digit>[0#?])|(?P<other>.)""",
    re.X | re.I | re.S,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_CURRENCY = re.compile(r"\$([^-\]]*)(?:-([0-9A-Fa-f]+))?")
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LAST_DAY = 2_958_466  # the first of January 10000
_MAX_CODE = 255  # characters, the limit of the programs themselves
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS_RU = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
).split()
_MONTHS_RU_ALONE = (
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь"
).split()
_DAYS_RU = "понедельник вторник среда четверг пятница суббота воскресенье".split()
_DAYS_RU_SHORT = "пн вт ср чт пт сб вс".split()

_Part = tuple[str, str]  # kind and text of a token


def displayed(value: float, code: str, *, since_1904: bool = False) -> str:
    """``value`` as a cell with the format ``code`` shows it, however wide the cell.

    Dates are days since the end of 1899, or since 1904-01-01. A date that the program cannot
    show, and a code that makes no sense, give the plain number.
    """
    if code == "General":
        return general(value)
    try:
        parts, scaled = _section(_sections(code[:_MAX_CODE]), value)
        if any(kind in {"date", "elapsed", "noon"} for kind, _ in parts):
            return _date(value, parts, since_1904=since_1904)
        return " ".join(_number(scaled, parts).split())
    except (ArithmeticError, ValueError):
        return general(value)


def general(value: float) -> str:
    """A number without a format: at most ten digits unless it is whole."""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    text = f"{value:.10g}"
    return format(Decimal(text), "f") if 1e-5 <= abs(value) < 1e15 else text.upper()


def is_date(code: str) -> bool:
    """Whether a format shows days or times."""
    return any(
        kind in {"date", "elapsed", "noon"}
        for section in _sections(code[:_MAX_CODE])[:1]
        for kind, _ in section
    )


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[tuple[_Part, ...], ...]:
    """The tokens of each section: of positive numbers, negative ones, zero, and text."""
    sections: list[tuple[_Part, ...]] = []
    current: list[_Part] = []
    for match in _TOKEN.finditer(code):
        kind, text = str(match.lastgroup), match.group()
        if text == ";" and kind == "other":
            sections.append(tuple(current))
            current = []
        else:
            current.append((kind, text))
    sections.append(tuple(current))
    return tuple(sections)


def _section(sections: tuple[tuple[_Part, ...], ...], value: float) -> tuple[list[_Part], float]:
    """The section for ``value``, and the value as this section writes it (mostly unsigned)."""
    conditional = False
    for index, section in enumerate(sections[:3]):
        condition = _condition(section)
        if condition is None:
            continue
        conditional = True
        if _holds(value, *condition):
            return list(section), abs(value) if index else value
    if conditional:
        rest = [section for section in sections[:3] if _condition(section) is None]
        return list(rest[-1]) if rest else [("general", "General")], value
    if value < 0 and len(sections) > 1:
        return list(sections[1]), -value
    if value == 0 and len(sections) > 2:
        return list(sections[2]), 0.0
    return list(sections[0]), value


def _condition(section: tuple[_Part, ...]) -> tuple[str, float] | None:
    for kind, text in section:
        match = _CONDITION.fullmatch(text[1:-1]) if kind == "bracket" else None
        if match:
            return match[1], float(match[2])
    return None


def _holds(value: float, sign: str, limit: float) -> bool:
    return {
        "<": value < limit, "<=": value <= limit, ">": value > limit,
        ">=": value >= limit, "=": value == limit, "<>": value != limit,
    }[sign]  # fmt: skip


def _literal(kind: str, text: str) -> str:
    if kind == "quoted":
        return text.strip('"')
    if kind == "escaped":
        return text[1:]
    if kind == "space":
        return " "
    if kind in {"fill", "digit"}:
        return ""
    if kind == "bracket":
        currency = _CURRENCY.fullmatch(text[1:-1])
        return currency[1] if currency else ""
    return text


def _number(value: float, parts: list[_Part]) -> str:
    if any(kind == "general" for kind, _ in parts):
        return "".join(
            general(value) if kind == "general" else _literal(kind, text) for kind, text in parts
        )
    places = [index for index, (kind, _) in enumerate(parts) if kind == "digit"]
    if not places:
        shown = "".join(_literal(kind, text) for kind, text in parts)
        return shown.replace("@", general(value))
    first, last = places[0], places[-1]
    if [text for _, text in parts[last + 1 : last + 2]] == ["/"]:
        last += 1 + sum(text.isdecimal() for _, text in parts[last + 2 :])
    # Text in the middle of a number, as in a telephone number, belongs to its digits.
    before = "".join(_literal(*part) for part in parts[:first] if part[1] != "@")
    if before.endswith(".") and parts[first - 1] == ("other", "."):
        first, before = first - 1, before[:-1]
    tail = parts[last + 1 :]
    commas = 0
    while tail and tail[0] == ("other", ","):
        commas, tail = commas + 1, tail[1:]
    after = "".join(_literal(*part) for part in tail)
    percents = sum(part == ("other", "%") for part in parts)
    amount = Decimal(repr(value)).scaleb(2 * percents - 3 * commas)
    body = parts[first : last + 1]
    if any(kind == "exponent" for kind, _ in body):
        number = _scientific(amount, body)
    elif ("other", "/") in body:
        number = _fraction(amount, body)
    else:
        number = _digits(amount, body)
    sign = "-" if value < 0 and any(char in "123456789" for char in number) else ""
    return f"{sign}{before}{number}{after}"


def _digits(amount: Decimal, body: list[_Part]) -> str:
    """Digits in their places, with grouping, leading zeros and text in between."""
    point = next((i for i, part in enumerate(body) if part == ("other", ".")), len(body))
    whole, decimals = body[:point], body[point + 1 :]
    slots = [text for kind, text in decimals if kind == "digit"]
    rounded = abs(amount).quantize(Decimal(1).scaleb(-len(slots)), rounding=ROUND_HALF_UP)
    digits, _, fraction = format(rounded, "f").partition(".")
    least = sum(text == "0" for kind, text in whole if kind == "digit")
    digits = digits.lstrip("0").rjust(least, "0")
    if ("other", ",") in whole:
        digits = f"{int(digits or 0):,}".rjust(least, "0") if digits else ""
        head = digits
    else:
        head = _placed(digits, whole)
    kept = fraction
    for slot in reversed(slots):
        if slot == "0" or not kept.endswith("0"):
            break
        kept = kept[:-1]
    trailing = "".join(_literal(*part) for part in decimals if part[0] != "digit")
    shows_point = point < len(body) and (kept or "0" in slots)
    return f"{head}{'.' if shows_point else ''}{kept}{trailing}"


def _placed(digits: str, whole: list[_Part]) -> str:
    """Fill the places from the right, so that literal text stays between them."""
    result: list[str] = []
    remaining = list(digits)
    slots = sum(kind == "digit" for kind, _ in whole)
    for kind, text in reversed(whole):
        if kind != "digit":
            if remaining or not slots:
                result.append(_literal(kind, text))
            continue
        slots -= 1
        if remaining:
            result.append(remaining.pop())
        if not slots:
            result.extend(reversed(remaining))
            remaining = []
    return "".join(reversed(result))


def _scientific(amount: Decimal, body: list[_Part]) -> str:
    at = next(index for index, (kind, _) in enumerate(body) if kind == "exponent")
    mantissa, power = body[:at], body[at + 1 :]
    point = next((i for i, part in enumerate(mantissa) if part == ("other", ".")), len(mantissa))
    whole = max(1, sum(kind == "digit" for kind, _ in mantissa[:point]))
    exponent = amount.adjusted() if amount else 0
    exponent -= exponent % whole if whole > 1 else 0
    width = sum(kind == "digit" for kind, _ in power)
    sign = "-" if exponent < 0 else "+" if body[at][1].endswith("+") else ""
    return f"{_digits(amount.scaleb(-exponent), mantissa)}E{sign}{abs(exponent):0{width}d}"


def _fraction(amount: Decimal, body: list[_Part]) -> str:
    slash = body.index(("other", "/"))
    denominator = "".join(text for _, text in body[slash + 1 :])
    places = sum(kind == "digit" for kind, _ in body[slash + 1 :])
    exact = Fraction(abs(amount))
    if denominator.isdecimal() and int(denominator):
        below = int(denominator)
        above = round(exact * below)
    else:
        nearest = exact.limit_denominator(10 ** min(places, 6) - 1 or 9)
        above, below = nearest.numerator, nearest.denominator
    separated = any(_literal(*part).isspace() for part in body[:slash])
    whole, above = divmod(above, below) if separated else (0, above)
    parts = [str(whole)] if whole or not above else []
    return " ".join([*parts, f"{above}/{below}"] if above else parts)


def _date(value: float, parts: list[_Part], *, since_1904: bool) -> str:
    kinds = [text.lower() for kind, text in parts if kind == "date"]
    if not 0 <= value < _LAST_DAY:
        return general(value)
    if any(kind == "elapsed" for kind, _ in parts):
        return _elapsed(value, parts)
    step = 10 ** max(0, 6 - _decimals(parts))
    micros = round(Decimal(repr(value)) * 86_400_000_000)
    moment = _EPOCH_1904 if since_1904 else _EPOCH
    if value < 61 and not since_1904:
        # The programs count a 29 February 1900 that never was.
        moment += timedelta(days=1)
    moment += timedelta(microseconds=(micros + step // 2) // step * step)
    year_first = bool(kinds) and kinds[0][0] == "y"
    russian = any(kind == "bracket" and text.lower().endswith("419]") for kind, text in parts)
    halves = any(kind == "noon" for kind, _ in parts)
    shown: list[str] = []
    for index, (kind, text) in enumerate(parts):
        if kind == "date":
            shown.append(
                _component(moment, parts, index, halves=halves, russian=russian, wide=year_first)
            )
        elif kind == "noon":
            shown.append(("AM" if moment.hour < 12 else "PM")[: 2 if len(text) > 3 else 1])
        elif kind != "other" or text not in "@":
            shown.append(_literal(kind, text))
    return " ".join("".join(shown).split())


def _component(
    moment: datetime,
    parts: list[_Part],
    index: int,
    *,
    halves: bool,
    russian: bool,
    wide: bool,
) -> str:
    """One part of a date. Dates that begin with the year are written in full, as ISO 8601 has it.

    An "m" next to hours or seconds means minutes.
    """
    text = parts[index][1].lower()
    letter, width = text[0], len(text.split(".")[0])
    if letter == "m" and _means_minutes(parts, index):
        return f"{moment.minute:02d}" if width > 1 or wide else str(moment.minute)
    if letter in "ye":
        return f"{moment.year:04d}" if width > 2 or letter == "e" else f"{moment.year % 100:02d}"
    if letter == "m":
        return _month(moment.month, width, parts, russian=russian, wide=wide)
    if letter == "d":
        return _day(moment, width, russian=russian, wide=wide)
    if letter == "h":
        hour = (moment.hour - 1) % 12 + 1 if halves else moment.hour
        return f"{hour:02d}" if width > 1 or (wide and not halves) else str(hour)
    if letter == "s":
        part = f".{moment.microsecond:06d}"[: len(text) - width]
        return (f"{moment.second:02d}" if width > 1 else str(moment.second)) + part
    return ""


def _means_minutes(parts: list[_Part], index: int) -> bool:
    before = [t.lower()[:2] for k, t in parts[:index] if k in {"date", "elapsed"}]
    after = [t.lower()[:1] for k, t in parts[index + 1 :] if k == "date"]
    return bool(before and "h" in before[-1]) or bool(after and after[0] == "s")


def _month(month: int, width: int, parts: list[_Part], *, russian: bool, wide: bool) -> str:
    if width <= 2:
        return f"{month:02d}" if width == 2 or wide else str(month)
    if russian:
        with_day = any(k == "date" and t.lower() in {"d", "dd"} for k, t in parts)
        name = (_MONTHS_RU if with_day else _MONTHS_RU_ALONE)[month - 1]
        return name[:3] if width == 3 else name
    name = _MONTHS[month - 1]
    return {3: name[:3], 5: name[:1]}.get(width, name)


def _day(moment: datetime, width: int, *, russian: bool, wide: bool) -> str:
    if width <= 2:
        return f"{moment.day:02d}" if width == 2 or wide else str(moment.day)
    if russian:
        return (_DAYS_RU_SHORT if width == 3 else _DAYS_RU)[moment.weekday()]
    name = _DAYS[moment.weekday()]
    return name[:3] if width == 3 else name


def _decimals(parts: list[_Part]) -> int:
    """Decimal places of the seconds."""
    return max((len(text.partition(".")[2]) for kind, text in parts if kind == "date"), default=0)


def _elapsed(value: float, parts: list[_Part]) -> str:
    """Hours, minutes or seconds that do not stop at a day's end, as of stopwatches."""
    decimals = _decimals(parts)
    seconds = (Decimal(repr(value)) * 86_400).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
    )
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    largest = next(t.lower()[1] for k, t in parts if k == "elapsed")
    shown: list[str] = []
    for kind, text in parts:
        letter = text.strip("[]").lower()[:1]
        width = len(text.strip("[]").split(".")[0])
        if kind == "elapsed":
            total = {"h": hours, "m": minutes, "s": int(seconds)}[letter]
            shown.append(f"{total:0{width}d}")
        elif kind == "date" and letter in "hms":
            rest = {"h": hours % 24, "m": minutes % 60, "s": int(seconds) % 60}[letter]
            part = f"{seconds % 1:.{decimals}f}"[1:] if "." in text and largest != "s" else ""
            shown.append(f"{rest:0{width}d}{part}")
        else:
            shown.append(_literal(kind, text))
    return " ".join("".join(shown).split())
