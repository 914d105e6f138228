"""Tiny models with random weights, written to a folder as their libraries write real ones.

Their vectors mean nothing; they prove that a file loads, and that its numbers arrive unchanged.
"""

import json
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from PIL import Image, ImageDraw

from indexer.encoders._torchvision import make_importable

CLIP_NAME = "sightline-tiny"
CLIP_CONFIG: dict[str, Any] = {
    "embed_dim": 16,
    "vision_cfg": {
        "image_size": 32,
        "layers": 1,
        "width": 32,
        "patch_size": 8,
        "head_width": 16,
    },
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}

_WORDS = (
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", "red", "green", "chair", "house",
    *ascii_lowercase, *(f"##{letter}" for letter in ascii_lowercase),
)  # fmt: skip


def text_model(folder: Path) -> Path:
    """A sentence-transformers model: a two-layer BERT, mean pooling, a query prompt, 62 tokens."""
    make_importable()
    from sentence_transformers import SentenceTransformer
    from transformers import BertModel

    BertModel(_bert(folder)).save_pretrained(folder / "bert")
    model = SentenceTransformer(
        str(folder / "bert"),
        device="cpu",
        prompts={"query": "house? ", "document": ""},
    )
    model.save(str(folder / "model"))
    return folder / "model"


def cross_encoder(folder: Path, outputs: int = 1) -> Path:
    """A sentence-transformers CrossEncoder around a two-layer BERT."""
    make_importable()
    from sentence_transformers import CrossEncoder
    from transformers import BertForSequenceClassification

    config = _bert(folder)
    config.num_labels = outputs
    BertForSequenceClassification(config).save_pretrained(folder / "bert")
    CrossEncoder(str(folder / "bert"), device="cpu").save(str(folder / "model"))
    return folder / "model"


def clip_model(folder: Path) -> Any:
    """An open_clip model, in memory; its architecture is made known as ``CLIP_NAME``."""
    make_importable()
    import open_clip
    import torch

    config = folder / f"{CLIP_NAME}.json"
    config.write_text(json.dumps(CLIP_CONFIG), encoding="utf-8")
    open_clip.add_model_config(config)
    torch.manual_seed(1)
    return open_clip.create_model(CLIP_NAME).eval()


def clip_checkpoint(folder: Path, model: Any) -> str:
    """``model``'s weights as a .pt file; the name to load it by."""
    import torch

    torch.save(model.state_dict(), folder / "weights.pt")
    return f"{CLIP_NAME}/{folder / 'weights.pt'}"


def clip_folder(folder: Path, model: Any) -> Path:
    """``model`` as a repository of the Hugging Face hub holds it."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    preprocess = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "resize_mode": "shortest"}
    settings = {"model_cfg": CLIP_CONFIG, "preprocess_cfg": preprocess}
    (folder / "open_clip_config.json").write_text(json.dumps(settings), encoding="utf-8")
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    return folder


def pictures() -> list[Image.Image]:
    """Three RGB drawings of different sizes and shapes."""
    drawn = []
    for size, colour in (((90, 60), "red"), ((40, 120), "green"), ((64, 64), "blue")):
        image = Image.new("RGB", size, "white")
        ImageDraw.Draw(image).ellipse((5, 10, size[0] - 10, size[1] - 5), fill=colour)
        drawn.append(image)
    return drawn


def _bert(folder: Path) -> Any:
    """The configuration of a tiny BERT, its tokenizer saved beside where it will be."""
    import torch
    from transformers import BertConfig, BertTokenizerFast

    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(_WORDS), encoding="utf-8")
    BertTokenizerFast(vocab=str(vocabulary)).save_pretrained(folder / "bert")
    torch.manual_seed(2)
    return BertConfig(
        vocab_size=len(_WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )


CHAT = (
    "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}"
    "{% for c in m.content %}{{ '<image>' if c.type == 'image' else c.text }} {% endfor %}"
    "{% endif %} {% endfor %}"
)


def chat_model(folder: Path, template: str | None = CHAT) -> Path:
    """A two-layer Llama that continues a conversation with random words."""
    make_importable()
    from transformers import LlamaForCausalLM

    folder = folder / "model"
    _words(template).save_pretrained(folder)
    LlamaForCausalLM(_llama()).save_pretrained(folder)
    return folder


def seeing_chat_model(folder: Path) -> Path:
    """A LLaVA of one layer of each kind, with a picture of 32 pixels in four patches."""
    make_importable()
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    folder = folder / "model"
    words = _words(CHAT)
    vision = CLIPVisionConfig(
        hidden_size=32, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
        image_size=32, patch_size=16, projection_dim=32,
    )  # fmt: skip
    config = LlavaConfig(
        vision_config=vision,
        text_config=_llama(),
        image_token_index=words.convert_tokens_to_ids("<image>"),
    )
    LlavaForConditionalGeneration(config).save_pretrained(folder)
    LlavaProcessor(
        image_processor=CLIPImageProcessor(
            size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
        ),
        tokenizer=words,
        patch_size=16,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT,
    ).save_pretrained(folder)
    return folder


def _words(template: str | None) -> Any:
    """A tokenizer of ``_WORDS``, each a word of its own."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    known = {word: number for number, word in enumerate((*_WORDS, "</s>"))}
    tokenizer = Tokenizer(WordLevel(known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    words = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", eos_token="</s>",
        additional_special_tokens=["<image>"],
    )  # fmt: skip
    words.chat_template = template
    return words


def _llama() -> Any:
    import torch
    from transformers import LlamaConfig

    torch.manual_seed(3)
    return LlamaConfig(
        vocab_size=len(_WORDS) + 2, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=1024,
        bos_token_id=2, eos_token_id=len(_WORDS), pad_token_id=0,
    )  # fmt: skip
