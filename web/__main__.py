"""``python -m web`` is the ``sightline`` command."""

from web.cli import main

main()
