"""Checkpoints in the transformers format, tiny ones made here. Their words mean nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from retriever.errors import GeneratorUnavailable
from retriever.generators import load_generator
from retriever.generators._model import Message, PromptTooLong
from retriever.generators.transformers import CheckpointModel
from retriever.settings import AnswerSettings
from tests.answers import last, passage, task
from tests.local_models import chat_model, seeing_chat_model

pytestmark = pytest.mark.models

BOILER = passage("The boiler was serviced on 12 March 2021 by Ada Brown.", title="Boiler")
ASKED = [Message("system", "Answer."), Message("user", "red chair house?")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chat_model(tmp_path_factory.mktemp("causal"))


def model(folder: Path, **chosen: Any) -> CheckpointModel:
    return CheckpointModel(
        AnswerSettings(generator=f"transformers:{folder}", **({"max_tokens": 12} | chosen))
    )


def test_checkpoint_talks_in_pieces(folder: Path) -> None:
    said = list(model(folder).complete(ASKED, ()))
    assert len(said) > 1
    assert "".join(said).split()
    assert "red chair house" not in "".join(said)  # the prompt is not repeated


def test_closing_stops_it(folder: Path) -> None:
    talker = model(folder, max_tokens=400, context_tokens=1000)
    said = talker.complete(ASKED, ())
    next(said)
    said.close()
    assert list(talker.complete(ASKED, ())) is not None  # it is free again


def test_prompt_beyond_its_positions_is_said_to_be_too_long(folder: Path) -> None:
    with pytest.raises(PromptTooLong):
        list(model(folder).complete([Message("user", "chair " * 2000)], ()))


def test_answer_that_means_nothing_becomes_quotes(folder: Path) -> None:
    settings = AnswerSettings(generator=f"transformers:{folder}", max_tokens=12)
    answer = last(load_generator(settings, None).stream(task("Who serviced the boiler?", BOILER)))
    assert answer.generator == "extractive"
    assert answer.note.startswith(f"transformers:{folder.name}: ")


def test_model_without_a_template_is_asked_in_plain_words(tmp_path: Path) -> None:
    folder = chat_model(tmp_path, template=None)
    assert list(model(folder).complete(ASKED, ()))


def test_template_that_knows_no_system_is_served(tmp_path: Path) -> None:
    template = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        "{% for m in messages %}{{ m.content }}{% endfor %}"
    )
    assert list(model(chat_model(tmp_path, template=template)).complete(ASKED, ()))


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    folder = chat_model(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(GeneratorUnavailable, match="no weights in the safetensors format"):
        model(folder).check()


def test_code_of_the_folder_is_not_run(tmp_path: Path) -> None:
    folder = chat_model(tmp_path)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "strange", "auto_map": {"AutoConfig": "code.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(GeneratorUnavailable, match="cannot be loaded"):
        list(model(folder).complete(ASKED, ()))
    assert not (tmp_path / "ran").exists()


def test_model_that_sees_is_given_the_picture(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    buffer = BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "JPEG")
    seeing = model(seeing_chat_model(tmp_path), context_tokens=4096)
    assert seeing.sees()
    assert list(seeing.complete(ASKED, [buffer.getvalue()]))
    assert list(seeing.complete(ASKED, ()))
