"""An Excel workbook of two sheets for the contract suite."""

from pathlib import Path

from openpyxl import Workbook

SUFFIX = ".xlsx"


def make(path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "Harbour"
    sheet.append(["Заметка", "seven"])
    for number in range(20):
        sheet.append([f"lanterns {number}", number])
    book.create_sheet("Second").append(["more", "text"])
    book.save(path)
