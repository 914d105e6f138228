"""JSON for the contract suite."""

import json
from pathlib import Path

SUFFIX = ".json"


def make(path: Path) -> None:
    lamps = [{"kind": f"lanterns {number}", "count": number} for number in range(20)]
    path.write_text(
        json.dumps({"name": "Harbour", "text": "Заметка", "count": "seven", "lamps": lamps}),
        encoding="utf-8",
    )
