"""Everything through `sightline serve` alone: upload a folder of files, ask, check the quotes."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

pytestmark = pytest.mark.models

METALS = ("tin", "zinc", "lead", "iron", "gold", "brass", "steel", "copper", "silver", "nickel")
TOWNS = (
    "Harrow", "Linden", "Osprey", "Quill", "Ferndale", "Marlow", "Tansy", "Wexcombe",
    "Bramley", "Corsham", "Dunmore", "Elstow", "Filton", "Garsdale", "Hexham", "Ilkley",
    "Jarrow", "Kendal", "Ludlow", "Morpeth", "Norwood", "Oakham", "Penrith", "Ripley",
)  # fmt: skip
COUNT = len(METALS) * len(TOWNS)  # 240 files
QUESTIONS = 20


def note(number: int) -> tuple[str, str, str]:
    """(question, sentence that answers it, whole text) of one made-up note."""
    town = TOWNS[number % len(TOWNS)]
    metal = METALS[number // len(TOWNS)]
    fact = f"The {metal} bell of {town} weighs {310 + 7 * number} kilograms."
    text = (
        f"Notes on {town}, part {number}.\n\nThe tower stands by the river and is open in summer. "
        f"{fact} It was hung by local smiths.\nVisitors climb a narrow stair.\n"
    )
    return f"How much does the {metal} bell of {town} weigh?", fact, text


def multipart(files: dict[str, str], **fields: str) -> tuple[bytes, str]:
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    parts += [
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        f"Content-Type: text/plain\r\n\r\n{text}\r\n"
        for name, text in files.items()
    ]
    body = "".join(parts) + f"--{boundary}--\r\n"
    return body.encode(), f"multipart/form-data; boundary={boundary}"


def call(url: str, data: bytes | None = None, kind: str = "application/json") -> Any:
    request = urllib.request.Request(url, data=data, headers={"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=180) as reply:
        return json.load(reply)


def test_folder_is_indexed_and_questions_answered_over_http(served: str) -> None:
    notes = {f"note_{number}.txt": note(number) for number in range(COUNT)}
    texts = {name: text for name, (_, _, text) in notes.items()}
    body, kind = multipart(texts, collection="notes", wait="1")
    report = call(f"{served}/api/v1/documents", body, kind)
    assert sorted(report["indexed"]) == sorted(notes)
    assert report["failed"] == []
    assert call(f"{served}/api/v1/status")["documents"] == COUNT
    for name, (question, fact, text) in list(notes.items())[:: COUNT // QUESTIONS]:
        asked = json.dumps({"question": question, "collection": "notes"}).encode()
        answer = call(f"{served}/api/v1/ask", asked)
        assert not answer["refused"]
        first = answer["citations"][0]
        assert first["quote"] == fact
        assert Path(first["document"]["path"]).name == name
        for citation in answer["citations"]:
            cited = notes[Path(citation["document"]["path"]).name][2]
            assert citation["quote"] in cited
        assert text.count(first["quote"]) == 1


def test_bad_request_is_a_problem_and_the_server_lives_on(served: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        call(f"{served}/api/v1/search?q=")
    assert refused.value.code == 400
    assert refused.value.headers["Content-Type"] == "application/problem+json"
    refused.value.close()
    assert call(f"{served}/api/v1/status")["documents"] == 0
