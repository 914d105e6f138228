"""What must be true of a library on the disk, read past the product's own code."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from indexer.analysis import content_stems
from indexer.library import Library
from indexer.store.indexes import _indexes_of
from indexer.store.records import Collection

States = dict[str, dict[str, str | None]]
"""Per collection: the SHA-256 of every indexed path, None for one that could not be read."""


def opened(home: Path) -> "closing[sqlite3.Connection]":
    connection = sqlite3.connect(home / "catalog.sqlite", timeout=30)
    connection.row_factory = sqlite3.Row
    return closing(connection)


def generation(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT generation FROM state").fetchone()[0])


def states(home: Path) -> States:
    """What every collection holds; nothing if the catalogue was not made yet."""
    with opened(home) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'file'").fetchone():
            return {}
        found: States = {row[0]: {} for row in connection.execute("SELECT name FROM collection")}
        for row in connection.execute(
            "SELECT name, path, d.sha256 AS sha256 FROM file f "
            "JOIN collection c ON c.id = f.collection_id LEFT JOIN document d "
            "ON d.id = f.document_id"
        ):
            found[row["name"]][row["path"]] = row["sha256"]
    return found


def acknowledged(log: Path, before: States) -> tuple[States, States, list[str]]:
    """The state after the last write that returned, the same with the one under way, and lies.

    A lie is a path that a report calls indexed, or removed, and that is not.
    """
    now: States = {name: dict(paths) for name, paths in before.items()}
    under_way: dict[str, Any] | None = None
    lies: list[str] = []
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:  # the last line, cut off
            break
        if "begin" in entry:
            under_way = entry["begin"]
        elif "end" in entry:
            if entry["end"] and under_way is not None:
                now = _applied(now, under_way)
            under_way = None
        else:
            held = now.get("main", {})
            lies += [f"reported as indexed: {p}" for p in entry["report"] if held.get(p) is None]
            lies += [f"reported as removed: {p}" for p in entry["removed"] if p in held]
    return now, now if under_way is None else _applied(now, under_way), lies


def _applied(states: States, change: dict[str, Any]) -> States:
    after = {name: dict(paths) for name, paths in states.items()}
    if "drop" in change:
        after[change["drop"]] = after.pop(change["rename"], {})
        return after
    paths = after.setdefault(change["collection"], {})
    paths.update(change["states"])
    for path in change["gone"]:
        paths.pop(path, None)
    return after


def differences(wanted: States, found: States) -> list[str]:
    """Where two states differ; a collection without paths may be there or not."""
    lines = []
    for name in sorted({*wanted, *found}):
        want, have = wanted.get(name, {}), found.get(name, {})
        for path in sorted({*want, *have}):
            if want.get(path, "absent") != have.get(path, "absent"):
                lines.append(
                    f"{name}: {path} is {have.get(path, 'absent')}, "
                    f"acknowledged as {want.get(path, 'absent')}"
                )
    return lines


_NOTHING = {
    "document stored twice": """SELECT collection_id, sha256 FROM document
        GROUP BY collection_id, sha256 HAVING count(*) > 1""",
    "document without a path": """SELECT id FROM document
        WHERE id NOT IN (SELECT document_id FROM file WHERE document_id IS NOT NULL)""",
    "path of other bytes than its document": """SELECT f.path FROM file f
        JOIN document d ON d.id = f.document_id WHERE f.sha256 <> d.sha256""",
    "path of another collection than its document": """SELECT f.path FROM file f
        JOIN document d ON d.id = f.document_id WHERE f.collection_id <> d.collection_id""",
    "failed path without a cause": """SELECT path FROM file
        WHERE document_id IS NULL AND (cause = '' OR remedy = '')""",
    "page missing": """SELECT d.id FROM document d WHERE page_count <>
        (SELECT count(*) FROM page p WHERE p.document_id = d.id)""",
    "passages with a gap": """SELECT document_id FROM chunk GROUP BY document_id
        HAVING count(*) <> max(ordinal) + 1""",
    "pictures with a gap": """SELECT document_id FROM crop GROUP BY document_id
        HAVING count(*) <> max(ordinal) + 1""",
    "passage without words": "SELECT id FROM chunk WHERE id NOT IN (SELECT rowid FROM chunk_text)",
    "words without a passage": """SELECT rowid FROM chunk_text
        WHERE rowid NOT IN (SELECT id FROM chunk)""",
    "picture without words": """SELECT id FROM crop WHERE kind IN ('photo', 'figure', 'table')
        AND id NOT IN (SELECT rowid FROM crop_text)""",
    "words without a picture": """SELECT rowid FROM crop_text
        WHERE rowid NOT IN (SELECT id FROM crop)""",
    "passage without both vectors": """SELECT c.id FROM chunk c
        JOIN document d ON d.id = c.document_id JOIN collection l ON l.id = d.collection_id
        WHERE (SELECT count(*) FROM embedding e WHERE e.chunk_id = c.id
        AND e.space_id IN (l.text_space_id, l.clip_space_id)) <> 2""",
    "picture without both vectors": """SELECT c.id FROM crop c
        JOIN document d ON d.id = c.document_id JOIN collection l ON l.id = d.collection_id
        WHERE (SELECT count(*) FROM embedding e WHERE e.crop_id = c.id
        AND e.space_id IN (l.clip_space_id, l.image_space_id)) <> 2""",
    "vector of nothing": """SELECT id FROM embedding WHERE
        (chunk_id IS NOT NULL AND chunk_id NOT IN (SELECT id FROM chunk)) OR
        (crop_id IS NOT NULL AND crop_id NOT IN (SELECT id FROM crop))""",
}


def structure(home: Path) -> list[str]:
    """Rows that lack their other half, in one line per kind."""
    problems = []
    with opened(home) as connection:
        for name, query in _NOTHING.items():
            if rows := connection.execute(query).fetchall():
                problems.append(f"{name}: {[tuple(row) for row in rows[:3]]} of {len(rows)}")
        for table in ("chunk_text", "crop_text"):
            try:
                connection.execute(f"INSERT INTO {table}({table}) VALUES ('integrity-check')")
            except sqlite3.DatabaseError as exc:
                problems.append(f"{table}: {exc}")
            connection.rollback()
    return problems


def index_problems(library: Library) -> list[str]:
    """Vector indexes that do not hold every live vector once, or hold another one."""
    problems = []
    for space, kind in _indexes_of(library.catalog.collections()):
        index = library.indexes._current(space, kind)
        _, live = library.catalog.snapshot(space, kind)
        if sorted(index.ids().tolist()) != live.tolist():
            problems.append(f"index of {kind}s in {space.name} holds other ids than the catalogue")
            continue
        ids, vectors = library.catalog.vectors(space, kind, live.tolist())
        if not np.array_equal(index.vectors(ids), vectors):
            problems.append(f"index of {kind}s in {space.name} holds other vectors")
    return problems


def contents(home: Path, collection: str) -> dict[str, Any]:
    """Everything of a collection by content, without row ids and times of writing."""
    with opened(home) as connection:
        number = connection.execute(
            "SELECT id FROM collection WHERE name = ?", (collection,)
        ).fetchone()[0]
        files = {
            row["path"]: tuple(row)[1:]
            for row in connection.execute(
                "SELECT path, f.size, mtime_ns, d.sha256, cause, remedy, container, sidecars "
                "FROM file f LEFT JOIN document d ON d.id = f.document_id "
                "WHERE f.collection_id = ?",
                (number,),
            )
        }
        documents, groups = {}, {}
        for row in connection.execute(
            "SELECT * FROM document WHERE collection_id = ?", (number,)
        ).fetchall():
            documents[row["sha256"]] = _document(connection, row)
            if row["group_id"] is not None:
                groups.setdefault(row["group_id"], set()).add(row["sha256"])
    return {
        "files": files,
        "documents": documents,
        "groups": sorted(sorted(group) for group in groups.values()),
    }


def _document(connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    def of(query: str) -> list[tuple[Any, ...]]:
        return [tuple(found) for found in connection.execute(query, (row["id"],))]

    pages = of("SELECT number, width, height, blocks FROM page WHERE document_id = ? ORDER BY 1")
    return {
        "kind": (row["media_type"], row["size"], row["page_count"]),
        "title": row["title"],
        "details": (row["details"], row["warnings"], row["picture_hash"]),
        "pages": [(*page[:3], zlib.decompress(page[3])) for page in pages],
        "chunks": of(
            "SELECT c.ordinal, page_number, kind, text, c.spans, heading_path, language, t.stems, "
            "(SELECT group_concat(hex(vector) || s.dim) FROM (SELECT * FROM embedding e JOIN "
            "space s ON s.id = e.space_id WHERE chunk_id = c.id ORDER BY s.model) s) "
            "FROM chunk c JOIN chunk_text t ON t.rowid = c.id WHERE document_id = ? "
            "ORDER BY ordinal"
        ),
        "crops": of(
            "SELECT c.ordinal, page_number, kind, x0, y0, x1, y1, caption, t.stems, "
            "(SELECT group_concat(hex(vector) || s.dim) FROM (SELECT * FROM embedding e JOIN "
            "space s ON s.id = e.space_id WHERE crop_id = c.id ORDER BY s.model) s) "
            "FROM crop c LEFT JOIN crop_text t ON t.rowid = c.id WHERE document_id = ? "
            "ORDER BY ordinal"
        ),
    }


def compared(found: dict[str, Any], fresh: dict[str, Any]) -> list[str]:
    """How a collection differs from one made anew from the same folder."""
    problems = []
    for part in ("files", "documents"):
        for key in sorted({*found[part], *fresh[part]}):
            have, want = found[part].get(key), fresh[part].get(key)
            if have is None or want is None:
                problems.append(f"{part}: {key} is {'missing' if have is None else 'left over'}")
            elif isinstance(have, dict):
                problems += [
                    f"{part}: {key[:12]} {want['title']!r} has other {name}"
                    f"{f': {have[name]} for {want[name]}' if name in ('title', 'details') else ''}"
                    for name in have
                    if have[name] != want[name]
                ]
            elif have != want:
                problems.append(f"{part}: {key} is {have}, not {want}")
    if found["groups"] != fresh["groups"]:
        problems.append(f"groups of photos: {found['groups']}, not {fresh['groups']}")
    return problems


def rankings(
    library: Library, collection: str, queries: Sequence[str], *, weigh_words: bool
) -> dict[str, Any]:
    """Complete rankings of ``queries``: texts or places with scores, whatever the row ids.

    Scores of words are 0 unless ``weigh_words``.
    """
    chosen = library.catalog.collection(collection)
    text = library.text_encoder(chosen)
    clip = library.clip_encoder(chosen)
    found: dict[str, Any] = {}
    for query in queries:
        for kind in ("chunk", "crop"):
            hits = library.catalog.lexical_search(kind, content_stems(query), 10**6, [chosen])
            hits = [(item, score if weigh_words else 0.0) for item, score in hits]
            found[f"{query} bm25 {kind}"] = _by_content(library, kind, hits, digits=3)
        found[f"{query} dense"] = _nearest(
            library, chosen, "chunk", chosen.text_space, text.encode_queries([query])[0]
        )
        for kind in ("chunk", "crop"):
            found[f"{query} clip {kind}"] = _nearest(
                library, chosen, kind, chosen.clip_space, clip.encode_texts([query])[0]
            )
    return found


def _nearest(library: Library, collection: Collection, kind: Any, space: Any, query: Any) -> Any:
    ids, scores = library.indexes.search(space, kind, query, 10**6, [collection], whole=False)
    return _by_content(library, kind, zip(ids.tolist(), scores.tolist(), strict=True), digits=4)


def _by_content(
    library: Library, kind: str, hits: Iterable[tuple[int, float]], *, digits: int
) -> list[tuple[Any, ...]]:
    scores = dict(hits)
    return sorted(_places(library, kind, scores, digits))


def _places(
    library: Library, kind: str, scores: dict[int, float], digits: int
) -> Iterator[tuple[Any, ...]]:
    catalog = library.catalog
    items: Any = catalog.chunks(list(scores)) if kind == "chunk" else catalog.crops(list(scores))
    if missing := set(scores) - set(items):
        yield ("hits without a row", sorted(missing)[:3], 0.0)
    for number, stored in items.items():
        owner = stored.owner
        item = stored.chunk.text if kind == "chunk" else stored.crop.box.as_tuple()
        paths = sorted((owner.document.path, *owner.copies))
        yield (str(paths), str(item), round(scores[number], digits))
