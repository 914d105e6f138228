"""A BERT-like network in ONNX form, run by onnxruntime on the CPU.

Quantised weights come with activations quantised on the fly, with one scale for the whole
input tensor. In a batch, one text's vector would therefore depend on its neighbours and on
the padding. So every text is run by itself, unpadded: results are the same however texts
are grouped, and several threads each running one text are no slower than all of them
sharing one batch.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders._runtime import give_way
from indexer.errors import EncoderUnavailable

Pieces = tuple[list[int], int]  # token ids, and how many of them belong to the first segment


class OnnxModel:
    """Tokenizer and network of one folder holding ``tokenizer.json`` and ``model.onnx``.

    At most ``threads`` texts of callers that have several are in work at a time; a single text,
    such as a question, is run at once and not after what others have many of. With
    ``gives_way``, those that have several come after everything else that needs a processor.
    Raises EncoderUnavailable if a file is missing or cannot be read.
    """

    def __init__(self, folder: Path, threads: int, *, gives_way: bool = False) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        model, vocabulary = folder / "model.onnx", folder / "tokenizer.json"
        for path in (model, vocabulary):
            if not path.is_file():
                raise EncoderUnavailable(
                    folder,
                    cause=f"there is no {path.name}",
                    remedy="name a folder with model.onnx and tokenizer.json",
                )
        try:
            self.tokenizer: Any = Tokenizer.from_file(str(vocabulary))
            self._session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
        except Exception as exc:  # both libraries raise bare or private exception types
            raise EncoderUnavailable(
                folder, cause=f"it cannot be loaded ({exc})", remedy="export the model again"
            ) from exc
        # Limits are applied by the callers: a tokenizer that cuts would hide it from them.
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self._inputs = {item.name for item in self._session.get_inputs()}
        self._pool = ThreadPoolExecutor(
            threads, thread_name_prefix="onnx", initializer=give_way if gives_way else None
        )

    def ids(self, text: str) -> list[int]:
        """Token ids of ``text`` without special tokens, nothing cut off."""
        found: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return found

    def token_id(self, token: str) -> int:
        """The id of a token such as "[CLS]". EncoderUnavailable if the vocabulary lacks it."""
        found: int | None = self.tokenizer.token_to_id(token)
        if found is None:
            raise EncoderUnavailable(
                token,
                cause="the tokenizer has no such token",
                remedy="use a BERT-like model with [CLS] and [SEP]",
            )
        return found

    def first_rows(self, inputs: Sequence[Pieces]) -> NDArray[np.float32]:
        """The start of the network's first output for each input: float32, (len(inputs), n).

        That is the state of [CLS] where the output has one for each token, else all of it.
        The states of the other tokens are dropped at once: they would fill the memory.
        """
        if len(inputs) == 1:
            return self._first_row(inputs[0])[None]
        return np.stack(list(self._pool.map(self._first_row, inputs)))

    def _first_row(self, pieces: Pieces) -> NDArray[np.float32]:
        ids, first = pieces
        tokens = np.asarray([ids], dtype=np.int64)
        segments = np.zeros_like(tokens)
        segments[:, first:] = 1
        feed = {
            "input_ids": tokens,
            "attention_mask": np.ones_like(tokens),
            "token_type_ids": segments,
        }
        output = self._session.run(
            None, {name: value for name, value in feed.items() if name in self._inputs}
        )[0]
        return np.array(np.atleast_2d(output[0])[0], dtype=np.float32)  # a copy, not a view
