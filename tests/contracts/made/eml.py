"""An e-mail for the contract suite."""

from email.message import EmailMessage
from pathlib import Path


def make(path: Path) -> None:
    message = EmailMessage()
    message["From"] = "Anna <anna@example.org>"
    message["Subject"] = "Harbour"
    message.set_content("Заметка: seven lanterns\n\n" + "more text here " * 30)
    message.add_attachment("Two masts.", filename="boats.txt")
    path.write_bytes(message.as_bytes())
