"""Finding names in the states that the mentions are judged from: no second pass over the text.

A name is judged as a mention is, by the same head from the same states; that its tokens were not
cut out of the text before tokenising is the only difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from enrich.names.decode import Piece, apart, pieces

if TYPE_CHECKING:
    from torch import Tensor

    from enrich.encoder import RealityModel, WindowBatch
    from enrich.names.bundle import NameHead
    from enrich.windows import TokenField, Window

Place = tuple[int, Literal["title", "body"], int, int]
"""Post, field, and tokens ``[start, end)`` of the field."""


@dataclass(frozen=True, slots=True)
class Found:
    """A name at tokens of a field: how sure it is one, and the mention head's logits."""

    place: Place
    score: float
    logits: Tensor


class NameFinder:
    """Looks for names in every batch that the encoder has read."""

    def __init__(self, model: RealityModel, head: NameHead) -> None:
        """Use the mention head of ``model`` and the loaded tagger."""
        self._model = model
        self._head = head
        self._found: dict[Place, Found] = {}

    def look(
        self,
        chunk: Sequence[tuple[int, Window]],
        batch: WindowBatch,
        layers: Sequence[Tensor],
    ) -> None:
        """Find and judge the names of windows, given with their post's number.

        Args:
            chunk: the windows of the batch.
            batch: the same as tensors.
            layers: the encoder's embeddings and layers.
        """
        from enrich.names.net import read_layers

        read = read_layers(self._head.tagger.shape, layers)
        rows = self._head.tagger(read).float().softmax(dim=2).tolist()
        places: list[tuple[Place, Piece, int]] = []
        for row, (post, window) in enumerate(chunk):
            for place, piece in _of_window(post, window, rows[row], self._head.threshold):
                places.append((place, piece, row))
        if not places:
            return
        spans = [(row, piece.start, piece.end) for _, piece, row in places]
        asked = replace(batch, mentions=batch.ids.new_tensor(spans))
        logits = self._model.classify(layers[-1], asked).float().cpu()
        for (place, piece, _), row_logits in zip(places, logits, strict=True):
            known = self._found.get(place)
            if known is None or piece.score > known.score:
                self._found[place] = Found(place, piece.score, row_logits)

    def names(self, fields: Sequence[TokenField]) -> list[Found]:
        """Return what was found, in order; of two that overlap the surer one.

        Args:
            fields: title and body of every post, mentions included, which no name touches.
        """
        by_field: defaultdict[tuple[int, str], list[Found]] = defaultdict(list)
        for found in sorted(self._found.values(), key=lambda f: (-f.score, f.place)):
            post, name, start, end = found.place
            tokens = fields[2 * post + (name == "body")]
            taken = [*tokens.spans, *(other.place[2:] for other in by_field[post, name])]
            if apart([(start, end)], taken)[0]:
                by_field[post, name].append(found)
        order = sorted(by_field, key=lambda key: (key[0], key[1] == "body"))
        return [f for key in order for f in sorted(by_field[key], key=lambda f: f.place)]


def _of_window(
    post: int, window: Window, rows: Sequence[Sequence[float]], threshold: float
) -> list[tuple[Place, Piece]]:
    """Return the names of one window; the title is looked at in the first one only.

    What touches the edge of a body part may go on beyond it; the next part holds it whole.
    """
    found: list[tuple[Place, Piece]] = []
    start, end = window.title
    if window.first == 0:
        for piece in pieces(rows, start, end, threshold):
            place: Place = (post, "title", piece.start - start, piece.end - start)
            found.append((place, piece))
    start, end = window.body
    for piece in pieces(rows, start, end, threshold):
        if window.first and piece.start == start:
            continue
        first = window.first - start
        found.append(((post, "body", piece.start + first, piece.end + first), piece))
    return found
