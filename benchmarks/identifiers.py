"""Made-up identifiers hidden in an archive: is each found first?

The passages of all text sets become one archive; 200 of them get a line with an identifier of one
of several shapes, and each of these a twin that differs in one sign, in another passage. Every
identifier is asked for alone and inside a question. Run:
python -m benchmarks.identifiers [--data FOLDER] [--home FOLDER]
"""

import random
import string
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import corpus, data
from retriever.domain import Query

COUNT = 200
SEED = 20
QUESTIONS = (
    "{}",
    "what is known about {}",
    "where in the archive is the number {} mentioned and why",
    "что известно о {}",
)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = data.parser("Identifiers hidden in an archive")
    parser.add_argument("--home", type=Path, help="keep the indexed library here")
    options = parser.parse_args(arguments)
    root = data.require(options.data / "textqa" / options.half)
    passages = {
        f"{folder.name}-{name}": text
        for folder in sorted(path for path in root.iterdir() if path.is_dir())
        for name, text in data.text_set(folder).passages.items()
    }
    dice = random.Random(SEED)
    hosts = dice.sample(sorted(passages), 2 * COUNT)
    wanted: dict[str, str] = {}
    for number in range(COUNT):
        name = made_up(dice, number)
        host, twin = hosts[2 * number], hosts[2 * number + 1]
        passages[host] += f"\n\nRef. {name}."
        passages[twin] += f"\n\nRef. {other(name, dice)}."
        wanted[name] = host
    with corpus.indexed_passages(passages, options.home) as library:
        engine = corpus.engine(library)
        chunks = library.catalog.counts().chunks
        found = dict.fromkeys(QUESTIONS, 0)
        for name, host in wanted.items():
            for question in QUESTIONS:
                hits = engine.search(Query(text=question.format(name), limit=1)).hits
                first = Path(hits[0].document.path).stem if hits else ""
                found[question] += first == host
                if first != host:
                    print(f"{question.format(name)}: {first} instead of {host}")
    print(f"{COUNT} identifiers in {chunks} passages, found first")
    for question, count in found.items():
        print(f"{count:5} of {COUNT}  {question}")
    sys.exit(0 if min(found.values()) == COUNT else 1)


def made_up(dice: random.Random, number: int) -> str:
    """An identifier of one of eight shapes."""
    letters = "".join(dice.choices(string.ascii_uppercase, k=6))
    russian = "".join(dice.choices("АБВГДЕЖЗИКЛМНПРСТ", k=2))
    digits = "".join(dice.choices(string.digits, k=8))
    return (
        f"{letters[:2]}-{digits[:5]}",
        f"{letters[:3]}{digits[:4]}/{digits[4:6]}",
        f"inv_{digits[:4]}_{digits[4:]}",
        digits,
        f"{digits[:2]}/{digits[2:6]}-{russian}",
        letters,
        f"v{digits[0]}.{digits[1:3]}.{digits[3:6]}",
        f"{letters[:4].lower()}{letters[4]}{letters[5].lower()}{digits[:2]}",
    )[number % 8]


def other(name: str, dice: random.Random) -> str:
    """``name`` with one sign changed for another of its kind."""
    place = dice.choice([i for i, sign in enumerate(name) if sign.isalnum()])
    sign = name[place]
    pool = (
        string.digits
        if sign.isdigit()
        else "АБВГДЕЖЗИКЛМНПРСТ"
        if sign > "z"
        else string.ascii_uppercase
        if sign.isupper()
        else string.ascii_lowercase
    )
    return name[:place] + dice.choice([each for each in pool if each != sign]) + name[place + 1 :]


if __name__ == "__main__":
    main()
