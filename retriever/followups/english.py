"""Follow-up questions in English, completed by rules.

There is no parser behind this. What a question is about is told from capitals, quotation marks and
articles; whether it leans on the one before, from pronouns that nothing before them in the same
question can stand for, and from what it lacks.
"""

import re
from collections.abc import Iterator

from retriever.followups.before import (
    Before,
    Phrase,
    asked,
    bare,
    first_free,
    last_free,
    swapped,
    unlike,
)

_QUESTION_WORDS = frozenset("who whom whose what which when where why how".split())
_AUXILIARIES = frozenset(
    "is are was were am be been being do does did have has had can could will would shall should "
    "may might must isn't aren't wasn't weren't don't doesn't didn't can't couldn't won't".split()
)
_PREPOSITIONS = frozenset(
    "about above across after against along among around as at before behind below beneath beside "
    "between beyond by down during except for from in inside into like near off on onto out "
    "outside over past per since than through throughout till to toward towards under until up "
    "upon versus via with within without".split()
)
_OTHERS = frozenset(
    "a an the and or but so if because while although though whether not no yes also too ever "
    "never often long many much more most less far old very just still already exactly only even "
    "please there here then now today i you he she it we they me him her us them my your his its "
    "our their mine yours hers ours theirs this that these those one ones some any each every all "
    "both other another same such tell give show list name describe explain find compare define "
    "say write translate summarize summarise let's let zero two three four five six seven eight "
    "nine ten dozen hundred thousand million several few according yes".split()
)
_FUNCTION_WORDS = _QUESTION_WORDS | _AUXILIARIES | _PREPOSITIONS | _OTHERS | {"of"}

_CALENDAR = frozenset(
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)

# Verbs that follow a subject in questions: they end what a determiner has begun.
_VERBS = frozenset(
    "appear become become began begin begins begun belong bought break broke broken build built "
    "burn carry cause change come comes contain cook cost costs cover cut die dies eat end fall "
    "fell fit follow found get give given gives go goes grow grown happen happens have hear held "
    "help hold include invade invented keep kept know known last lasts lead leave leaves left let "
    "lie live lives look lost made make makes mean means measure meet melt move need needs occur "
    "open opens operate own pay perform play plays produce protect publish put reach read receive "
    "require return rise run runs said save saw say says see seen sell send sent serve show sink "
    "sleep sold speak stand start starts stay stop store support survive switch take taken takes "
    "taste tell think turn turned use uses wake want weigh weighs win won work works write written "
    "born".split()
)
_ADJECTIVES_AFTER = frozenset(
    "tall high long wide deep old big large heavy far fast hot cold safe good bad open closed "
    "famous important expensive called different similar located available responsible dangerous "
    "poisonous necessary possible true".split()
)

# What things have: "the height of the tower" is about the tower.
_QUALITIES = frozenset(
    "address age amount amounts area author architect birthday breadth budget builder capacity "
    "cause circumference color colour composer cost costs creator date deadline density depth "
    "deposit designer diameter director duration fee founder height inventor language length limit "
    "location manager manufacturer mass meaning model name number origin owner password period "
    "phone population power pressure price purpose rate reason result role salary "
    "shape size speed structure surface "
    "temperature term title topic total type value version voltage volume warranty weight width "
    "year".split()
)
_PLACE_WORDS = frozenset(
    "apartment building cabin capital church city country district factory hall hotel house island "
    "museum office park region restaurant room school shop station street town village".split()
)
_DEICTIC = r"year|month|week|weekend|morning|afternoon|evening|night|time|day|century|moment|case"
_CORPUS = r"documents?|files?|pages?|texts?|articles?|reports?|sources?|papers?|books?|letters?"

_WORD = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_QUOTED = re.compile(r"[\"“«„]([^\"”»“]{2,80})[\"”»“]")
_NAME_LINK = r"(?:of|the|de|da|di|du|la|le|von|van|der|den|and|for|&)"
_LEAD = re.compile(
    r"^(?:(?:and|but|so|or|ok|okay|well|then|also|oh|yes|no|thanks|thank you)\b[\s,.:!—-]*)+", re.I
)
_ABOUT = re.compile(r"^(?:(?:what|how)\s+about|what\s+of)\s+", re.I)
_DETERMINED = re.compile(
    r"\b(?:(?:the|an?|my|our|your|this|that|these|those|his|her|its|their)\s+(?=[^\W_])"
    r"|(?-i:[A-Z])[\w-]+['’]s\s+(?=[a-z]))",
    re.I,
)
_YEAR = r"(?:1\d{3}|20\d{2})s?(?:\s?(?:AD|BC|BCE|CE))?"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_DATE = re.compile(
    rf"\b(?:(?:in|on|by|since|until|before|after|during|from)\s+)?(?:the\s+)?"
    rf"(?:(?:early|late|mid)[\s-])?(?:(?:\d{{1,2}}\s+)?{_MONTH}(?:\s+\d{{1,2}},?)?\s+{_YEAR}"
    rf"|{_YEAR}|(?:\d{{1,2}}\s+)?{_MONTH}(?:\s+\d{{1,2}})?"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)|[a-z]+th|first|second|third)\s+century)\b",
    re.I,
)
_PREPOSITION = re.compile(
    r"^(in|at|on|for|by|from|to|of|with|without|during|under|over|after|before|since|until|"
    r"between|near|inside|outside|through|as)\s+",
    re.I,
)
_NUMBERED = re.compile(r"^(?:the\s+|on\s+|in\s+)?([a-z]+)\s+(\d+|[ivx]+)$", re.I)

_ASKED_FOR = re.compile(
    r"(?:\w+\s+)?(?:which|what)\s+((?:[a-z]+\s+)?[a-z]+)\s+(?=(?:is|was|did|does|do|has|can|will)\b)",
    re.I,
)
_REASK = re.compile(
    r"(?:(?:since|until|by|for|with|from|to)\s+)?(?:why(?:\s+not)?|when|where|who|whom|whose|how|"
    r"what|which)(?:\s+(?:exactly|else|so|come|then|precisely|many|much|often|long|year|day|for|"
    r"from|by|with|is that|was that))?|in (?:what|which) (?:year|city|country|place)|"
    r"(?:why|how) (?:is|was) that(?: so)?|what year|(?:at )?what time",
    re.I,
)
_HOW_MUCH = re.compile(
    r"how (tall|high|long|wide|deep|old|big|large|heavy|far|fast|hot|cold|expensive|thick|strong)",
    re.I,
)
_MORE = re.compile(
    r"(?:please\s+)?(?:(?:can|could) you\s+)?(?:tell me\s+(?:some\s+)?more|give me (?:more|some) "
    r"details|(?:some\s+)?more(?:\s+details)?|details|explain|elaborate|go on|continue|"
    r"be more specific|expand)(?:\s+please)?",
    re.I,
)
# What was done is the whole question before.
_DID_IT = re.compile(
    r"((?:why|when|where|how|with whom)(?:\s+exactly)?)\s+(?:(?:did|does|do|would|could)\s+"
    r"(?:(?:he|she|it|they|this|that)\s+(?:do|happen|occur)|\w+\s+do)(?:\s+(?:it|that|this|so))?"
    r"|(?:was|is)\s+(?:that|this)\s+(?:done|so))",
    re.I,
)
_AGAIN = re.compile(
    r"(?:are you (?:sure|certain)|really|is (?:that|this|it) (?:right|true|correct|so)|"
    r"(?:for example|an example|such as)|anything else|says who|how do you know(?: that)?)",
    re.I,
)
_QUALITY_ASKED = re.compile(
    r"(?:what|who|which|where|how)(?:'s|\s+(?:is|was|are|were))\s+(?:the|its|their)\s+"
    r"((?:[a-z]+\s+)?[a-z]+)",
    re.I,
)

_PERSONS = re.compile(r"\b(he|she|him|her|hers|his|himself|herself)\b", re.I)
_THINGS = re.compile(r"\b(it|its|itself|it's)\b", re.I)
_GROUPS = re.compile(r"\b(they|them|their|theirs)\b", re.I)
_PLACES = re.compile(r"\b(there)\b", re.I)
_SHOWN = re.compile(
    rf"\b(?:this|these|those)\b(?!\s+(?:{_DEICTIC}|days?)\b)"
    rf"|(?<=\bis\s)that\b(?!\s+(?:the|an?)\b)|(?<=\bwas\s)that\b|(?<=\bdid\s)that\b|(?<=\bif\s)that\b"
    rf"|(?<=\bdoes\s)that\b|(?<=\bdo\s)that\b|(?<=\bcan\s)that\b|(?<=\bwill\s)that\b"
    rf"|(?<=\b(?:by)\s)that\b|(?<=\bof\s)that\b|(?<=\babout\s)that\b|(?<=\bafter\s)that\b"
    rf"|(?<=\bbefore\s)that\b|(?<=\bfor\s)that\b|(?<=\bwith\s)that\b|(?<=\bto\s)that\b"
    rf"|\bthat(?=\s+one\b)|\bthat(?=\s*$)",
    re.I,
)
_CHOSEN = re.compile(
    r"\b(?:which|that|this|the (?:other|first|second|third|last|next|previous))\s+ones?\b"
    r"|\bthe (?:former|latter|other)\s*$",
    re.I,
)
_BACK_THEN = re.compile(r"\b(?:back then|then|at (?:that|the) time|afterwards|next)\s*$", re.I)

# "it" and "there" that stand for nothing.
_EMPTY_IT = re.compile(
    r"\bit\s+(?:take|takes|took|taken|cost|costs)\b(?=.*\bto\s+[a-z]+)"
    r"|\bit\s+(?:rain|rains|raining|snow|snows|snowing|matter)\b"
    r"|\b(?:is|was|be)\s+it\s+(?:\w+\s+)?(?:possible|necessary|true|safe|legal|allowed|better|"
    r"best|important|normal|easy|hard|difficult|worth|common|advisable|ok|okay|permitted|"
    r"forbidden|dangerous)\b(?=.*\b(?:to|that|for|if)\s+\w+)"
    r"|\b(?:what|which)\s+(?:time|day|date|year)\s+(?:is|was)\s+it\b"
    r"|\b(?:is|was|be)\s+it\s+(?:\w+\s+){1,2}(?:to\s+(?!the\b|an?\b|my\b|our\b)|that\s+)[a-z]+"
    r"|\bit\s+(?:is|was|'s)\s+\w+\s+(?:to|that)\b|\bit\s+mean(?:s)?\s+(?:to|when|if|that)\b",
    re.I,
)
_EMPTY_THERE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|will|would|can)\s+there\b(?=\s*\w)"
    r"|\bthere\s+(?:is|are|was|were|will|has|have|had|be|been|exists?)\b",
    re.I,
)
_BOUNDARY = re.compile(
    r",|\b(?:and|or|but|because|when|while|if|that|who|which|before|after|so|than|until|where)\b",
    re.I,
)


def complete(question: str, before: Before) -> str | None:
    """``question`` with what it leaves out, from ``before``; None if it stands by itself."""
    core = bare(_LEAD.sub("", question.strip(), count=1))
    joined = len(core) < len(bare(question))
    if not core:
        return before.question
    for attempt in (_asked_again, _fragment, _with_pronouns, _without_owner):
        found = attempt(core, before, joined=joined)
        if found:
            return found
    return None


def _asked_again(core: str, before: Before, *, joined: bool) -> str | None:  # noqa: ARG001
    """Questions of hardly more than a question word: "Why?", "How tall?", "Tell me more"."""
    if _HOW_MUCH.fullmatch(core):
        topic = _thing(before)
        return asked(f"{core} is {topic}") if topic else None
    done = _DID_IT.fullmatch(core)
    if done or _REASK.fullmatch(core):
        rest = _after_question_words(before.question)
        core = done[1] if done else core
        wanted = re.sub(r"\s+(?:(?:is|was) that(?: so)?|so|come|then)$", "", core, flags=re.I)
        return asked(f"{wanted} {rest}") if rest else before.question
    if _MORE.fullmatch(core):
        topic = _thing(before)
        return asked(f"Tell me more about {topic}") if topic else before.question
    return before.question if _AGAIN.fullmatch(core) else None


def _after_question_words(question: str) -> str:
    """From "was" on in "When was it built?"; a question without question words as it is."""
    text = bare(_LEAD.sub("", question))
    words = list(_WORD.finditer(text))
    if not words:
        return ""
    head = [word[0].lower() for word in words]
    if head[0] not in _QUESTION_WORDS and not (len(head) > 1 and head[1] in _QUESTION_WORDS):
        return _lower_first(text)
    for index, word in enumerate(head[1:7], start=1):
        if word in _AUXILIARIES:
            how = f" {head[1]}" if index == 2 and head[0] == "how" and word in {"is", "was"} else ""
            return text[words[index].start() :] + how
    return text[words[1].start() :] if len(words) > 1 else ""


def _lower_first(text: str) -> str:
    first = text.split(maxsplit=1)[0] if text else ""
    return text[0].lower() + text[1:] if first.lower() in _FUNCTION_WORDS else text


def _fragment(core: str, before: Before, *, joined: bool) -> str | None:
    """The question before, changed: "What about Big Ben?", "And in 1990?", "In Berlin?"."""
    about = _ABOUT.match(core)
    new = core[about.end() :] if about else core
    new = re.sub(r"^(?:that|those|the ones?)\s+(?=(?:of|in|for|on|at|from)\b)", "", new, flags=re.I)
    words = [word[0].lower() for word in _WORD.finditer(new)]
    if not words or len(words) > 8 or not (_QUESTION_WORDS | _AUXILIARIES).isdisjoint(words):
        return None
    if _anaphors(new):
        resolved = _with_pronouns(new, before, joined=joined)
        asks = "What is" if _head(new) in _QUALITIES else "What about"
        return asked(f"{asks} {_lower_first(resolved)}") if resolved else None
    named = all(word[0][0].isupper() or word[0].isdigit() for word in _WORD.finditer(new))
    placed = _PREPOSITION.match(new) or _DATE.fullmatch(new)
    if not (about or joined or placed or (named and len(words) <= 4)):
        return None
    return asked(_exchanged(bare(before.question), new))


def _exchanged(question: str, new: str) -> str:
    """``question`` with ``new`` in the place of the like of it, else at its end."""
    date = _DATE.search(question)
    if _DATE.fullmatch(new):
        if date is None:
            return f"{question} {new if _PREPOSITION.match(new) else f'in {new}'}"
        old = _PREPOSITION.match(date[0])
        kept = f"{old[1]} " if old and not _PREPOSITION.match(new) else ""
        return swapped(question, Phrase(date[0], *date.span()), kept + new)
    numbered = _NUMBERED.match(new)
    if numbered:
        like = re.search(rf"\b{numbered[1]}\s+(?:\d+|[ivx]+)\b", question, re.I)
        if like:
            return swapped(question, Phrase(like[0], *like.span()), f"{numbered[1]} {numbered[2]}")
    placed = _PREPOSITION.match(new)
    names, things = _names(question), _things(question)
    if placed:
        inner = new[placed.end() :]
        places = _placed(question, placed[1], names + things)
        governed = [each for each in names if each.governed]
        if places:
            return swapped(question, places[-1], inner)
        return swapped(question, governed[-1], inner) if governed else f"{question} {new}"
    quality = _quality_in(question)
    if _head(new) in _QUALITIES:
        if quality:
            return swapped(question, quality, new)
        topic = first_free(things) or first_free(names)
        return f"What is {_definite(new)} of {topic.text}" if topic else f"{question}, {new}"
    last = list(_WORD.finditer(question))[-1:]
    if last and new.islower() and not _DETERMINED.match(new):
        word = last[0][0].lower()  # "floods" for "hail" in "Does it cover hail?"
        apart = all(last[0].start() >= each.end for each in names + things)
        if apart and word not in _FUNCTION_WORDS | _VERBS | _ADJECTIVES_AFTER:
            return swapped(question, Phrase(word, *last[0].span()), new)
    target = first_free(names) or last_free(things)
    if new[:1].islower() and things:
        target = first_free(things) if not _has_capital(new) else target
    return swapped(question, target, new) if target else f"{question}, {new}"


def _placed(question: str, preposition: str, phrases: list[Phrase]) -> list[Phrase]:
    """What follows the preposition in the question."""
    found = [
        each for each in phrases if re.search(rf"\b{preposition}\s+$", question[: each.start], re.I)
    ]
    if not found:
        plain = re.search(rf"\b{preposition}\s+([a-z]+)(?=\s*$|\s*,)", question, re.I)
        if plain:
            found = [Phrase(plain[1], *plain.span(1), governed=True)]
    return found


def _definite(text: str) -> str:
    return text if _DETERMINED.match(text) else f"the {text}"


def _has_capital(text: str) -> bool:
    return any(word[0][0].isupper() for word in _WORD.finditer(text))


def _head(phrase: str) -> str:
    words = [word[0].lower() for word in _WORD.finditer(phrase)]
    return words[-1] if words else ""


def _quality_in(question: str) -> Phrase | None:
    """What is asked about something: "the height" in "What is the height of the tower?"."""
    found = re.search(r"\b(?:the|its|their)\s+((?:[a-z]+\s+)?([a-z]+))(?=\s+of\b)", question, re.I)
    return Phrase(found[0], *found.span()) if found and found[2].lower() in _QUALITIES else None


# -- pronouns ----------------------------------------------------------------------------------


def _anaphors(core: str) -> Iterator[tuple[str, re.Match[str]]] | list[tuple[str, re.Match[str]]]:
    """Words that stand for something outside the question, by kind."""
    found: list[tuple[str, re.Match[str]]] = []
    hollow = [match.span() for match in (*_EMPTY_IT.finditer(core), *_EMPTY_THERE.finditer(core))]
    for kind, pattern in (
        ("person", _PERSONS), ("group", _GROUPS), ("chosen", _CHOSEN), ("thing", _THINGS),
        ("shown", _SHOWN), ("place", _PLACES),
    ):  # fmt: skip
        for match in pattern.finditer(core):
            empty = any(start <= match.start() < end for start, end in hollow)
            inside = any(match.start() >= other.start() and match.end() <= other.end()
                         for _, other in found)  # fmt: skip
            if not empty and not inside and not _meant_inside(core, match):
                found.append((kind, match))
                break
    return found


def _meant_inside(core: str, match: re.Match[str]) -> bool:
    """Whether something before the pronoun, in the same question, is what it stands for.

    That must be in another clause ("Where did Napoleon die and who buried him?"), unless the
    pronoun is possessive ("Does the boiler have its own switch?").
    """
    ahead = core[: match.start()]
    if match[0].lower() in {"his", "her", "its", "their"} and _owns(core, match):
        return bool(_names(ahead) or _things(ahead) or _plurals(ahead))
    boundaries = list(_BOUNDARY.finditer(ahead))
    if not boundaries or match[0].lower().startswith(("this", "that", "these", "those", "which")):
        return False
    clause = ahead[: boundaries[-1].start()]
    return bool(_names(clause) or _things(clause) or _plurals(clause))


def _owns(core: str, match: re.Match[str]) -> bool:
    """Whether a possessive stands before a noun: "her" may also be who was seen."""
    following = _WORD.match(core[match.end() :].lstrip())
    return following is not None and (
        match[0].lower() in {"its", "their", "his"} or following[0].lower() not in _FUNCTION_WORDS
    )


def _with_pronouns(core: str, before: Before, *, joined: bool) -> str | None:  # noqa: ARG001
    """Each pronoun replaced by what it stands for; None if there is none, or nothing to name."""
    changes: list[tuple[int, int, str]] = []
    tail = ""
    used: set[str] = set()
    for kind, match in _anaphors(core):
        if kind == "thing":
            topic = _thing(before, single=True)
        else:
            topic = {"person": _person, "group": _group, "place": _place}.get(kind, _thing)(before)
        if kind == "shown" and re.match(rf"\w+\s+(?:{_CORPUS})\b", core[match.start() :], re.I):
            topic = before.title or topic
        if not topic or topic in used:
            continue
        used.add(topic)
        word = match[0].lower()
        start, end, new = match.start(), match.end(), topic
        if kind == "place":
            new = f"in {topic}"
        elif kind == "chosen" and not word.startswith(("that", "this")):
            tail = f" ({topic})"
            continue
        elif kind == "shown":
            noun = re.match(r"\s+([a-z]+)", core[match.end() :], re.I)
            if noun and noun[1].lower() not in _FUNCTION_WORDS | _VERBS | _ADJECTIVES_AFTER:
                end += noun.end()
                if noun[1].lower() not in topic.lower().split():
                    new = f"{core[start:end]} ({topic})"
        elif word in {"his", "hers", "its", "their", "theirs"} or (
            word == "her" and _owns(core, match)
        ):
            new = f"{topic}'" if topic.endswith("s") else f"{topic}'s"
        elif word == "it's":
            new = f"{topic} is"
        changes.append((start, end, new))
    then = _BACK_THEN.search(core)
    if then and not changes and len(core.split()) > 1:
        topic = _thing(before)
        date = _DATE.search(before.question) or _DATE.search(before.answer)
        when = date[0] if date else f"({topic})"
        return asked(f"{core[: then.start()]}{then[0]} {when}") if topic or date else None
    if not changes and not tail:
        return None
    text = core
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return asked(text + tail)


def _without_owner(core: str, before: Before, *, joined: bool) -> str | None:
    """What is asked without saying of what: "What is the height?"."""
    there = re.search(r"\b(?:are|is|were|was)\s+there$", core, re.I)
    place = _place(before)
    if there and place:
        return asked(f"{core} in {place}")
    found = _QUALITY_ASKED.fullmatch(core)
    bare_quality = joined and core.lower() in _QUALITIES
    if not bare_quality and (not found or _head(found[1]) not in _QUALITIES):
        return None
    topic = _thing(before)
    return asked(f"{core} of {topic}") if topic else None


# -- what a question is about ------------------------------------------------------------------


def _person(before: Before) -> str:
    """Who "he" or "she" is: whom the answer names to a question that asks who, else the name."""
    names = _names(before.question)
    if re.search(r"\b(?:who|whom|whose)\b", before.question, re.I) or not names:
        told = unlike(_names(before.answer), before.question)
        if told:
            return told.text
    found = first_free(names) or first_free(_things(before.question))
    return found.text if found else before.title


def _place(before: Before) -> str:
    """Where "there" is: the place that the answer names, else the one in the question."""
    names = _names(before.question)
    if re.match(
        r"(?:in |at |to |from )?(?:where|(?:which|what) (?:city|town|country|place|village))\b",
        before.question,
        re.I,
    ):
        told = unlike(_names(before.answer), before.question)
        if told:
            return told.text
    things = _things(before.question)
    built = [each for each in things if not _PLACE_WORDS.isdisjoint(each.text.lower().split())]
    governed = [each for each in names + things if each.governed]
    found = [*built, *governed]
    return found[0].text if found else _thing(before)


def _group(before: Before) -> str:
    """Who "they" are: several things, else whatever the question is about."""
    many = [each for each in _things(before.question) if each.plural]
    found = first_free(many) or first_free(_plurals(before.question))
    return found.text if found else _person(before)


def _thing(before: Before, *, single: bool = False) -> str:
    """What "it" is: a quoted title, else what has an article, else the last name."""
    question = before.question
    quoted = _QUOTED.search(question)
    if quoted:
        return quoted[0]
    things, names = _things(question), _names(question)
    if single and things and all(each.plural for each in things):
        # "it" is not "the side effects of aspirin".
        things = list(filter(None, map(_owner, things)))
    chosen = _ASKED_FOR.match(question)
    if chosen and all(each.governed for each in things):
        noun = chosen[1].split()[-1].lower()
        if not re.fullmatch(_DEICTIC, noun) and noun not in _QUALITIES | _PLACE_WORDS:
            return f"the {chosen[1]}"
    found = first_free(things) or last_free(names) or _plain_subject(question)
    if found is None:
        return before.title
    for name in names + things:  # "the war" in "the war with Sweden"
        if re.fullmatch(r"\s+(?:with|between|against|in|at|near|from|for)\s+",
                        question[found.end : name.start]):  # fmt: skip
            return found.text + question[found.end : name.end]
    return found.text


def _owner(thing: Phrase) -> Phrase | None:
    """What follows the last "of" in a phrase."""
    of = thing.text.rfind(" of ")
    if of < 0:
        return None
    return Phrase(thing.text[of + 4 :], thing.start + of + 4, thing.end, thing.governed)


def _names(text: str) -> list[Phrase]:
    """Runs of words with capitals or digits, such as "Battle of Hastings" or "the Alder 300"."""
    found: list[Phrase] = []
    words = list(_WORD.finditer(text))
    index = 0
    while index < len(words):
        if not _is_name(words, index, text):
            index += 1
            continue
        last = index
        following = index + 1
        while following < len(words) and _adjoins(text, words[following - 1], words[following]):
            if _is_name(words, following, text) or words[following][0].isdigit():
                last = following
            elif not (re.fullmatch(_NAME_LINK, words[following][0]) and following - last <= 2):
                break
            following += 1
        if all(words[each][0].lower() in _CALENDAR for each in range(index, last + 1)):
            index = last + 1
            continue
        found.append(_phrase(text, words, index, last))
        index = last + 1
    return found


def _is_name(words: list[re.Match[str]], index: int, text: str) -> bool:
    word = words[index][0]
    if not any(char.isupper() for char in word) or word in {"I", "I'm", "I've", "OK"}:
        return False
    begins = index == 0 or re.search(r"[.!?:]\s*[\"“«]?$", text[: words[index].start()])
    return not begins or word.lower() not in _FUNCTION_WORDS


def _adjoins(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    return not text[one.end() : other.start()].strip() and not one[0].endswith(("'s", "’s"))


def _phrase(text: str, words: list[re.Match[str]], first: int, last: int) -> Phrase:
    start, end = words[first].start(), words[last].end()
    if text[start:end].endswith(("'s", "’s")):
        end -= 2
    ahead = first - 1
    if (
        ahead >= 0
        and words[ahead][0].lower() == "the"
        and _adjoins(text, words[ahead], words[first])
    ):
        start, ahead = words[ahead].start(), ahead - 1
    governed = ahead >= 0 and words[ahead][0].lower() in _PREPOSITIONS | {"of"}
    plural = " and " in text[start:end]
    return Phrase(text[start:end], start, end, governed, plural)


def _things(text: str) -> list[Phrase]:
    """What an article or the like begins, up to a verb or a preposition other than "of"."""
    found: list[Phrase] = []
    end = 0
    for match in _DETERMINED.finditer(text):
        if match.start() < end:
            continue
        words = list(_WORD.finditer(text, match.end()))
        last = _last_of_thing(text, words)
        asks = text[: match.start()].rstrip().lower().endswith((" do", " does", " did"))
        if asks and last > 0 and last + 1 == len(words) and words[last][0].islower():
            last -= 1  # the verb of "When does my passport expire?"
        if last < 0:
            continue
        start, end = match.start(), words[last].end()
        taken = [word[0].lower() for word in words[: last + 1]]
        ahead = _WORD.findall(text[: match.start()])
        noun = taken[taken.index("of") - 1] if "of" in taken[1:] else taken[-1]
        if noun in _QUALITIES and "of" in taken:  # "the height of the tower"
            start = words[taken.index("of") + 1].start()
            if start >= end:
                continue
            noun = taken[-1]
        elif taken[-1] in _QUALITIES or re.fullmatch(_DEICTIC, taken[-1]):
            continue
        governed = bool(ahead) and ahead[-1].lower() in _PREPOSITIONS
        phrase = re.sub(r"^(?:an?|that|this)\s+", "the ", text[start:end], flags=re.I)
        phrase = re.sub(r"(?:'s|’s)$", "", phrase)
        plural = noun.endswith("s") and not noun.endswith(("ss", "us", "is"))
        found.append(Phrase(phrase, start, end, governed, plural))
    return found


def _last_of_thing(text: str, words: list[re.Match[str]]) -> int:
    last = -1
    for index, word in enumerate(words[:9]):
        low = word[0].lower()
        if index and not _adjoins(text, words[index - 1], word):
            break
        if low == "of":
            if last < 0:
                break
            continue
        if low == "the" and index and words[index - 1][0].lower() == "of":
            continue
        if low in _FUNCTION_WORDS or (
            last >= 0
            and word[0].islower()
            and (
                low in _VERBS
                or low in _ADJECTIVES_AFTER
                or (low.endswith("ed") and len(low) > 4)
                or (low.endswith("ing") and len(low) > 5 and index + 1 < len(words))
            )
        ):
            break
        last = index
    return last


def _plurals(text: str) -> list[Phrase]:
    """Nouns in the plural without an article: after "do", "are" and "how many"."""
    found = []
    for match in re.finditer(
        r"\b(?:do|did|are|were|have|can|should|many|about|of|which|what)\s+(?=((?:[a-z]+\s+)?[a-z]{2,}s)\b(\s+of\s+[a-z]+)?)",
        text,
        re.I,
    ):
        words = match[1].lower().split()
        if _FUNCTION_WORDS.isdisjoint(words) and not words[-1].endswith(("ss", "us", "is")):
            text_of = match[1] + (match[2] or "")
            start = match.start(1)
            found.append(Phrase(text_of, start, start + len(text_of), plural=True))
    return found


def _plain_subject(question: str) -> Phrase | None:
    """What a question without names and articles is about: "inflation" in "What is inflation?"."""
    words = list(_WORD.finditer(question))
    after_do = False
    run: list[re.Match[str]] = []
    best: list[re.Match[str]] = []
    for word in words:
        low = word[0].lower()
        done = run and low.endswith("ed") and len(low) > 4
        if low in _FUNCTION_WORDS or low in _VERBS or done:
            after_do = low in {"do", "does", "did"} or (after_do and not run)
            if run and after_do:
                break
            run = []
            continue
        run = [*run, word]
        if after_do:
            return Phrase(word[0], *word.span())
        best = run
    if not best:
        return None
    start, end = best[0].start(), best[-1].end()
    return Phrase(question[start:end], start, end)
