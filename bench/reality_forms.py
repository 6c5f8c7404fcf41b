"""Four ways to ask a BERT which positions of a post are hired; each only as far as its outputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from enrich.bundle import Bundle
from enrich.reading import Reading
from enrich.reality import judge
from enrich.windows import Specials, Tokenizer, batches

Pair = tuple[Reading, Reading]
"""A post: its title and its body as they are read."""
PAIR_LIMIT = 512
"""Most tokens of a word and a post together: what a BERT reads."""
BASE_SIZE: dict[str, int] = {
    "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
    "intermediate_size": 3072, "max_position_embeddings": 512,
}  # fmt: skip
"""The shape of BERT base (Devlin et al. 2019)."""
_SENTENCE_END = re.compile(r"[。！？；!?;\n\r]+")


def words(post: Pair) -> list[str]:
    """Return the different position words of a post, in the order of the text."""
    return list(dict.fromkeys(match.form for reading in post for match in reading.matches))


def pair_ids(
    tokenizer: Tokenizer, specials: Specials, posts: Sequence[Pair], limit: int = PAIR_LIMIT
) -> list[list[int]]:
    """Return ``<s> word </s> title body </s>`` of every (word, post); the post is cut to fit."""
    found: list[list[int]] = []
    for post in posts:
        asked = words(post)
        text = " ".join(reading.normalized.text for reading in post)
        encoded = tokenizer.encode_batch([*asked, text], add_special_tokens=False)
        whole = encoded[-1].ids
        for word in encoded[:-1]:
            head = [specials.bos, *word.ids, specials.eos]
            found.append([*head, *whole[: limit - len(head) - 1], specials.eos])
    return found


def sentences(posts: Sequence[Pair]) -> list[str]:
    """Return the sentences of posts, title first; a title is one."""
    texts = [reading.normalized.text for post in posts for reading in post]
    return [part for text in texts for part in _SENTENCE_END.split(text) if part.strip()]


class PairModel(nn.Module):
    """An encoder and a linear layer over the first token: hired or not, one word at a time."""

    def __init__(self, encoder: nn.Module, width: int) -> None:
        """Take an encoder."""
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(width, 2)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return logits, shape (pairs, 2)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        logits: Tensor = self.head(states[:, 0])
        return logits


@dataclass(frozen=True)
class Forms:
    """The four forms over one bundle; every call returns how many outputs it made."""

    bundle: Bundle
    same: PairModel
    base: PairModel
    sentence: Callable[[list[str]], list[Any]]

    @classmethod
    def of(
        cls, bundle: Bundle, folder: Path, base_shape: dict[str, int] | None = None, batch: int = 1
    ) -> Forms:
        """Build the others beside a bundle that lies in ``folder``; new weights are random."""
        from transformers import BertConfig, BertModel

        torch.manual_seed(1)
        config = bundle.model.encoder.config
        shape = {**(base_shape or BASE_SIZE), "vocab_size": config.vocab_size}
        base = BertModel(BertConfig(**shape), add_pooling_layer=False)
        return cls(
            bundle,
            PairModel(bundle.model.encoder, config.hidden_size).eval(),
            PairModel(base, shape["hidden_size"]).eval(),
            _pipeline(bundle, folder, batch),
        )

    def one_pass(self, posts: Sequence[Pair]) -> int:
        """This product: one pass over a post for all its words."""
        return sum(len(found.verdicts) for found in judge(self.bundle, posts))

    def pairwise(self, posts: Sequence[Pair]) -> int:
        """One pass for each pair of a word and a post, the same encoder."""
        return self._pairs(self.same, posts)

    def pairwise_base(self, posts: Sequence[Pair]) -> int:
        """The same, base-size."""
        return self._pairs(self.base, posts)

    def by_sentence(self, posts: Sequence[Pair]) -> int:
        """Label the tokens of each sentence through the pipeline of transformers."""
        return sum(len(found) for found in self.sentence(sentences(posts)))

    def _pairs(self, model: PairModel, posts: Sequence[Pair]) -> int:
        rows = pair_ids(self.bundle.tokenizer, self.bundle.specials, posts)
        with torch.inference_mode():
            for group in batches([len(row) for row in rows]):
                ids, mask = _padded([rows[i] for i in group], self.bundle.specials.pad)
                model(ids, mask)
        return len(rows)


def _padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    return ids, (torch.arange(longest)[None, :] < lengths[:, None]).long()


def _pipeline(bundle: Bundle, folder: Path, batch: int) -> Callable[[list[str]], list[Any]]:
    from transformers import BertForTokenClassification, PreTrainedTokenizerFast, pipeline

    model = BertForTokenClassification(bundle.model.encoder.config)
    model.bert = bundle.model.encoder
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), bos_token="<s>", eos_token="</s>",
        pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>",
        model_max_length=PAIR_LIMIT, model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip
    found: Callable[[list[str]], list[Any]] = pipeline(
        "token-classification", model=model.eval(), tokenizer=tokenizer, device="cpu",
        batch_size=batch,
    )  # fmt: skip
    return found
