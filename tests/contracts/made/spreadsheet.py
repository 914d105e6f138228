"""An OpenDocument spreadsheet for the contract suite."""

from pathlib import Path

from odfdo import Document, Row, Table

SUFFIX = ".ods"


def make(path: Path) -> None:
    document = Document("spreadsheet")
    document.body.clear()
    table = Table("Harbour")
    for values in [["Заметка", "seven"], *([f"lanterns {number}", number] for number in range(20))]:
        row = Row()
        row.set_values(values)
        table.append_row(row)
    document.body.append(table)
    document.save(str(path))
