"""A composed query in words. Pure."""

from retriever.domain import Query
from web.texts import Texts

# Weights below and above these are said with "a little" and "above all".
_LITTLE, _MUCH = 0.75, 1.5


def sentence(texts: Texts, query: Query) -> str:
    """What pictures are looked for, as a sentence in the language of ``texts``."""
    wanted = [each for each in query.pictures if each.weight > 0]
    avoided = [each for each in query.pictures if each.weight < 0]
    said = texts("say_like", n=len(wanted)) if wanted else texts("say_words", text=query.text)
    if wanted and query.text:
        said += texts(f"say_with_{_degree(query.text_weight)}", text=query.text)
    if query.without:
        said += texts(f"say_without_{_degree(query.without_weight)}", text=query.without)
    if avoided:
        said += texts(f"say_unlike_{_degree(-avoided[0].weight)}", n=len(avoided))
    return said


def _degree(weight: float) -> str:
    if weight < _LITTLE:
        return "little"
    return "much" if weight > _MUCH else "plain"
