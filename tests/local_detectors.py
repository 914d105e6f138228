"""Tiny detection models with random weights, in folders as transformers writes real ones.

What they see means nothing; they prove that a file loads, and that its boxes arrive unchanged.
"""

from pathlib import Path
from string import ascii_lowercase
from typing import Any

from indexer.encoders._torchvision import make_importable

LABELS = {0: "person", 1: "dining table", 2: "bear", 3: "teddy bear"}


def owlv2(folder: Path) -> Path:
    """An OWLv2 of one layer on each side, pictures of 64 pixels."""
    make_importable()
    import torch
    from transformers import (
        CLIPTokenizer,
        Owlv2Config,
        Owlv2ForObjectDetection,
        Owlv2ImageProcessor,
        Owlv2Processor,
    )

    vocabulary = {"!": 0}
    for letter in ascii_lowercase:
        vocabulary[letter] = len(vocabulary)
        vocabulary[f"{letter}</w>"] = len(vocabulary)
    start = len(vocabulary)
    vocabulary |= {"<|startoftext|>": start, "<|endoftext|>": start + 1}
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=[], pad_token="!", model_max_length=16)
    pictures = Owlv2ImageProcessor(size={"height": 64, "width": 64})
    Owlv2Processor(pictures, tokenizer).save_pretrained(folder)
    shared = {
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    torch.manual_seed(3)
    config = Owlv2Config(
        text_config={
            **shared,
            "vocab_size": len(vocabulary),
            "max_position_embeddings": 16,
            "bos_token_id": start,
            "eos_token_id": start + 1,
            "pad_token_id": 0,
        },
        vision_config={**shared, "image_size": 64, "patch_size": 16},
        projection_dim=32,
    )
    Owlv2ForObjectDetection(config).save_pretrained(folder)
    return folder


def grounding_dino(folder: Path) -> Path:
    """A Grounding DINO on a one-stage Swin, with a one-layer BERT."""
    make_importable()
    import torch
    from transformers import (
        BertTokenizerFast,
        GroundingDinoConfig,
        GroundingDinoForObjectDetection,
        GroundingDinoImageProcessor,
        GroundingDinoProcessor,
    )

    words = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "?", "red", "dog", *ascii_lowercase)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"))
    pictures = GroundingDinoImageProcessor(size={"shortest_edge": 160, "longest_edge": 320})
    GroundingDinoProcessor(pictures, tokenizer).save_pretrained(folder)
    torch.manual_seed(3)
    config = GroundingDinoConfig(
        backbone_config={
            "model_type": "swin",
            "image_size": 64,
            "embed_dim": 16,
            "depths": [1, 1, 1, 1],
            "num_heads": [1, 1, 1, 1],
            "window_size": 4,
            "out_features": ["stage2", "stage3", "stage4"],
        },
        text_config={
            "model_type": "bert",
            "vocab_size": len(words),
            "hidden_size": 32,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 32,
        },
        d_model=32,
        num_queries=12,
        encoder_layers=1,
        encoder_ffn_dim=32,
        encoder_attention_heads=2,
        decoder_layers=2,
        decoder_ffn_dim=32,
        decoder_attention_heads=2,
    )
    GroundingDinoForObjectDetection(config).save_pretrained(folder)
    return folder


def dfine(folder: Path) -> Path:
    """A D-FINE of two decoder layers that knows ``LABELS``."""
    make_importable()
    import torch
    from transformers import DFineConfig, DFineForObjectDetection, RTDetrImageProcessor

    RTDetrImageProcessor(size={"height": 64, "width": 64}).save_pretrained(folder)
    torch.manual_seed(3)
    backbone: dict[str, Any] = {
        "model_type": "hgnet_v2",
        "stem_channels": [3, 8, 8],
        "stage_in_channels": [8, 16, 32, 32],
        "stage_mid_channels": [8, 8, 16, 16],
        "stage_out_channels": [16, 32, 32, 32],
        "stage_num_blocks": [1, 1, 1, 1],
        "stage_numb_of_layers": [1, 1, 1, 1],
        "hidden_sizes": [16, 32, 32, 32],
        "embedding_size": 8,
        "depths": [1, 1, 1, 1],
        "out_indices": [2, 3, 4],
    }
    config = DFineConfig(
        backbone_config=backbone,
        encoder_in_channels=[32, 32, 32],
        encoder_hidden_dim=32,
        encoder_ffn_dim=32,
        encoder_attention_heads=2,
        decoder_in_channels=[32, 32, 32],
        d_model=32,
        num_queries=12,
        decoder_layers=2,
        decoder_ffn_dim=32,
        decoder_attention_heads=2,
        id2label=LABELS,
        label2id={label: number for number, label in LABELS.items()},
    )
    DFineForObjectDetection(config).save_pretrained(folder)
    return folder
