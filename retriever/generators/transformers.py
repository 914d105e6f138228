"""A checkpoint in the transformers format, from a folder on this machine.

Causal language models, and those that also take pictures (image-text-to-text). Only safetensors
are read, no code of the folder is run, and nothing is looked up on a hub.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from PIL import Image

from indexer.encoders._local import loading, model_folder
from indexer.encoders._runtime import once, thread_count
from indexer.encoders._torchvision import make_importable
from indexer.errors import EncoderUnavailable
from retriever.errors import GeneratorUnavailable
from retriever.generators._model import Message, ModelGenerator, PromptTooLong
from retriever.generators._worker import Push, pieces
from retriever.rerankers import Reranker
from retriever.settings import AnswerSettings

_MARKER = "config.json"


def build(settings: AnswerSettings, reranker: Reranker | None) -> ModelGenerator:
    return ModelGenerator(CheckpointModel(settings), settings, reranker)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model with what prepares its input; one of them talks at a time."""

    model: Any
    processor: Any  # a tokenizer, or a processor that takes pictures too
    tokenizer: Any
    sees: bool
    busy: Lock


class CheckpointModel:
    """See :class:`retriever.generators._model.LanguageModel`."""

    def __init__(self, settings: AnswerSettings) -> None:
        self._settings = settings
        self._folder = settings.generator.partition(":")[2]

    @property
    def name(self) -> str:
        return f"transformers:{Path(self._folder).name}"

    def sees(self) -> bool:
        return self._loaded().sees

    def check(self) -> str:
        folder = self._weights()
        return f"{folder.name}, in this process"

    def complete(self, messages: Sequence[Message], images: Sequence[bytes]) -> Iterator[str]:
        def produce(push: Push) -> None:
            loaded = self._loaded()
            with loaded.busy:
                _generate(self.name, loaded, messages, images, self._settings, push)

        return pieces(self.name, produce, self._settings)

    def _weights(self) -> Path:
        try:
            folder = model_folder(self._folder, _MARKER)
        except EncoderUnavailable as exc:
            raise GeneratorUnavailable(exc.item, cause=exc.cause, remedy=exc.remedy) from exc
        if not any(folder.glob("*.safetensors")):
            raise GeneratorUnavailable(
                folder,
                cause="it has no weights in the safetensors format, the only one that is read",
                remedy="fetch the model with its .safetensors files",
            )
        return folder

    def _loaded(self) -> _Loaded:
        try:
            return _load(self._weights(), thread_count(self._settings.threads))
        except EncoderUnavailable as exc:
            raise GeneratorUnavailable(exc.item, cause=exc.cause, remedy=exc.remedy) from exc


@once
def _load(folder: Path, threads: int) -> _Loaded:
    make_importable()
    import torch
    import transformers
    from transformers.models.auto.modeling_auto import (
        MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as SEEING,
    )

    options = {"local_files_only": True, "trust_remote_code": False}
    torch.set_num_threads(threads)
    with loading(folder):
        config = transformers.AutoConfig.from_pretrained(str(folder), **options)
        sees = config.model_type in SEEING and hasattr(config, "vision_config")
        reader = transformers.AutoProcessor if sees else transformers.AutoTokenizer
        family = (
            transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM
        )
        processor = reader.from_pretrained(str(folder), **options)
        model = family.from_pretrained(str(folder), use_safetensors=True, dtype="auto", **options)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return _Loaded(
        model=model.eval().to(device),
        processor=processor,
        tokenizer=getattr(processor, "tokenizer", processor),
        sees=sees,
        busy=Lock(),
    )


def _generate(
    name: str,
    loaded: _Loaded,
    messages: Sequence[Message],
    images: Sequence[bytes],
    settings: AnswerSettings,
    push: Push,
) -> None:
    import torch
    from transformers import StoppingCriteria, TextStreamer

    class Stop(StoppingCriteria):  # type: ignore[misc]
        def __call__(self, input_ids: Any, *_: Any, **__: Any) -> Any:
            return torch.full((input_ids.shape[0],), push(""), device=input_ids.device)

    class Pushing(TextStreamer):  # type: ignore[misc]
        def on_finalized_text(self, text: str, *_: Any, **__: Any) -> None:
            push(text)

    sampling = {"temperature": settings.temperature} if settings.temperature else {}
    try:
        inputs = _inputs(loaded, messages, images).to(loaded.model.device)
        length = inputs["input_ids"].shape[-1]
        limit = getattr(loaded.model.config.get_text_config(), "max_position_embeddings", None)
        if limit is not None and length + settings.max_tokens > limit:
            raise PromptTooLong(
                name,
                cause=f"{length} tokens are more than it takes",
                remedy="lower SIGHTLINE_ANSWER_CONTEXT_TOKENS",
            )
        with torch.inference_mode():
            loaded.model.generate(
                **inputs,
                max_new_tokens=settings.max_tokens,
                do_sample=bool(sampling),
                streamer=Pushing(loaded.tokenizer, skip_prompt=True, skip_special_tokens=True),
                stopping_criteria=[Stop()],
                pad_token_id=loaded.tokenizer.eos_token_id,
                **sampling,
            )
    except GeneratorUnavailable:
        raise
    # Templates of chats, processors and models are programs of others: they raise anything.
    except Exception as exc:
        raise GeneratorUnavailable(
            name,
            cause=f"it failed ({type(exc).__name__}: {' '.join(str(exc).split())[:120]})",
            remedy="choose another model",
        ) from exc


def _inputs(loaded: _Loaded, messages: Sequence[Message], images: Sequence[bytes]) -> Any:
    """Tensors of the conversation, by the model's own template where it has one."""
    pictures = [Image.open(BytesIO(image)).convert("RGB") for image in images if loaded.sees]
    if not getattr(loaded.processor, "chat_template", None):
        text = "\n\n".join(message.content for message in messages) + "\n\nAnswer:"
        return loaded.tokenizer(text, return_tensors="pt")
    from jinja2 import TemplateError

    try:
        return _templated(loaded, messages, pictures)
    except TemplateError:  # some know no system's part in a conversation
        whole = "\n\n".join(message.content for message in messages)
        return _templated(loaded, [Message("user", whole)], pictures)


def _templated(
    loaded: _Loaded, messages: Sequence[Message], pictures: Sequence[Image.Image]
) -> Any:
    chat: list[dict[str, Any]] = [
        {"role": message.role, "content": message.content} for message in messages
    ]
    if loaded.sees:
        for message in chat:
            message["content"] = [{"type": "text", "text": message["content"]}]
        chat[-1]["content"][:0] = [{"type": "image", "image": picture} for picture in pictures]
    return loaded.processor.apply_chat_template(
        chat, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
    )
