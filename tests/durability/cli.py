"""The ``sightline`` command on fake encoders: ``python -m tests.durability.cli LOG ARGUMENT...``.

What the catalogue acknowledges is logged to LOG. Drafts leave memory for the disk early, and a
backup begins without looking for room: another program may take it a moment later.
"""

import sys
from functools import partial
from pathlib import Path

from indexer import pipeline
from indexer.care import backup
from indexer.library import Library
from indexer.spool import Spool
from tests.durability.child import acknowledge
from tests.fakes import ColourEncoder, HashEncoder
from web.cli import main


def run() -> None:
    acknowledge(Path(sys.argv.pop(1)))
    Library.__init__.__kwdefaults__.update(
        load_text=lambda _: HashEncoder(), load_clip=lambda _: ColourEncoder()
    )
    pipeline.Spool = partial(Spool, memory_bytes=1 << 12)  # type: ignore[misc, assignment]
    backup.need_room = lambda *_: None
    main()


if __name__ == "__main__":
    run()
