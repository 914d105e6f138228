"""Examples at the end of each command's help."""

from collections.abc import Iterator, Mapping

import click

# By the words of the command; one that tells its examples itself is not here.
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "index": (
        "sightline index ~/Documents ~/Photos",
        "sightline index ~/work/letters --collection letters",
        "sightline index ~/Documents --retry",
    ),
    "watch": ("sightline watch ~/Documents ~/Photos",),
    "reembed": ("SIGHTLINE_ENCODER_TEXT=onnx:model.onnx sightline reembed letters",),
    "search": (
        "sightline search oak table --kind crop",
        'sightline search "boiler service" --type pdf --after 2021',
        "sightline search INV-2031 --json",
    ),
    "find": ("sightline find dog --save dogs", 'sightline find "grandfather clock" -k 5'),
    "ask": (
        'sightline ask "When was the boiler serviced?"',
        'sightline ask "And who did it?" --continue',
        'sightline ask "What does this label say?" --image label.jpg',
    ),
    "chat": ("sightline chat --collection letters", "sightline chat --json < questions.txt"),
    "conversations list": ("sightline conversations list -k 5",),
    "conversations show": ("sightline conversations show 2c9f1e7ab0d34c58b1d2e6f0937a4c5d",),
    "conversations export": (
        "sightline conversations export 2c9f1e7ab0d34c58b1d2e6f0937a4c5d -o boiler.md",
    ),
    "conversations delete": (
        "sightline conversations delete 2c9f1e7ab0d34c58b1d2e6f0937a4c5d",
        "sightline conversations delete --all",
    ),
    "status": ("sightline status", "sightline status --json"),
    "duplicates": ("sightline duplicates --collection photos",),
    "models list": ("sightline models list",),
    "models discover": ("sightline models discover",),
    "backup": ("sightline backup archive.tar.gz",),
    "restore": (
        "sightline restore archive.tar.gz --check",
        "sightline --home ~/copy restore archive.tar.gz",
    ),
    "doctor": ("sightline doctor", "sightline doctor --repair"),
    "remove": (
        "sightline remove ~/Documents/old.pdf",
        "sightline remove --collection letters --all",
    ),
    "export": ("sightline export archive.jsonl", "sightline export - | jq .title"),
    "serve": (
        "sightline serve",
        "sightline serve --port 9000 --log json",
        "SIGHTLINE_WEB_PASSWORD=… sightline serve --host 0.0.0.0",
    ),
    "people add": ("sightline people add Anna --role admin --everything",),
    "people change": ("sightline people change Rita --role editor --collection letters",),
    "people list": ("sightline people list",),
    "people log": ("sightline people log",),
    "people password": ("sightline people password Anna",),
    "people remove": ("sightline people remove Rita",),
    "tokens add": ("sightline tokens add Anna laptop --days 30",),
    "tokens list": ("sightline tokens list Anna",),
    "tokens revoke": ("sightline tokens revoke Anna 3",),
    "completion": (
        "sightline completion bash >> ~/.bashrc",
        "sightline completion zsh >> ~/.zshrc",
        "sightline completion fish > ~/.config/fish/completions/sightline.fish",
    ),
}


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with its words."""
    for name, command in sorted(group.commands.items()):
        words = f"{before} {name}".strip()
        if isinstance(command, click.Group):
            yield from commands(command, words)
        else:
            yield words, command


def add(cli: click.Group) -> None:
    """Let the help of each command end in its examples."""
    for words, command in commands(cli):
        if words in EXAMPLES:
            lines = "\n".join(f"  {line}" for line in EXAMPLES[words])
            command.epilog = f"\b\nExamples:\n{lines}"
