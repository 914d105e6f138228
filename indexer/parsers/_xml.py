"""XML from untrusted files: nothing is fetched from elsewhere, nothing grows."""

from html.entities import html5
from typing import Any

from lxml import etree

# The Greek letters of ISO 8879, which HTML names otherwise.
_GREEK = dict(
    zip(
        "agr bgr ggr dgr egr zgr eegr thgr igr kgr lgr mgr ngr xgr ogr pgr rgr sfgr sgr tgr ugr "
        "phgr khgr psgr ohgr Agr Bgr Ggr Dgr Egr Zgr EEgr THgr Igr Kgr Lgr Mgr Ngr Xgr Ogr Pgr Rgr "
        "Sgr Tgr Ugr PHgr KHgr PSgr OHgr".split(),
        "αβγδεζηθικλμνξοπρςστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ",
        strict=True,
    )
)
# Longer entities are not the names of characters or of a product.
_MAX_ENTITY_CHARS = 200


def read_xml(data: bytes) -> Any:
    """The root element with its entities in place, None if nothing of ``data`` is XML.

    Neither external entities nor a DTD are loaded. Entities of characters stand for themselves
    and short ones of the file for their text; others are left out. Damage is overlooked.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is not None:
        _put_entities(root)
    return root


def local_name(element: Any) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: Any) -> str:
    """All text inside ``element`` on one line."""
    return " ".join("".join(element.itertext()).split())


def _put_entities(root: Any) -> None:
    declared = root.getroottree().docinfo.internalDTD
    known = _GREEK | {
        each.name: each.content
        for each in (declared.iterentities() if declared is not None else ())
        if each.content and len(each.content) <= _MAX_ENTITY_CHARS and "&" not in each.content
    }
    for parent in {node.getparent() for node in root.iter(etree.Entity)}:
        holder, parts = None, [parent.text or ""]
        for child in list(parent):
            if child.tag is etree.Entity:
                character = known.get(child.name) or html5.get(f"{child.name};", "")
                parts += [character, child.tail or ""]
                parent.remove(child)
            else:
                _set_text(parent, holder, parts)
                holder, parts = child, [child.tail or ""]
        _set_text(parent, holder, parts)


def _set_text(parent: Any, holder: Any, parts: list[str]) -> None:
    """What stands behind ``holder``, or first in ``parent`` where there is none."""
    if holder is None:
        parent.text = "".join(parts)
    else:
        holder.tail = "".join(parts)
