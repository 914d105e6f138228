"""A mailbox for the contract suite."""

from email.message import EmailMessage
from pathlib import Path


def make(path: Path) -> None:
    with path.open("wb") as file:
        for subject in ("Harbour", "Заметка", "seven lanterns", "a third letter", "and one more"):
            message = EmailMessage()
            message["From"] = "Anna <anna@example.org>"
            message["Subject"] = subject
            message.set_content("From here on it is dark.")
            file.write(b"From anna@example.org Thu Jan  1 10:00:00 2026\n")
            file.write(message.as_bytes().replace(b"\nFrom ", b"\n>From ") + b"\n")
