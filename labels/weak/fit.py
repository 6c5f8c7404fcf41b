"""Fitting label models: crowd-kit's aggregators, and two plain votes to compare them with.

crowd-kit takes a voter that is silent as one that was not asked. Dawid-Skene and its one-coin form
then learn nothing from a voter that only ever says one thing (it says so under every class), and
most labelling functions are of that kind. So silence is given to Dawid-Skene as a fourth answer
(``silent-dawid-skene``); the plain ones are kept for comparison.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from labels.weak.functions import load
from labels.weak.matrix import ABSTAIN, Unit, cast, classes, names_of, votes_of
from labels.weak.model import FLOOR, LabelModel
from labels.weak.reader import JudgedPost
from labels.weak.seen import SeenMention
from labels.weak.votes import CLASSES, LabellingFunction, class_of

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from labels.weak.matrix import Votes
    from labels.weak.model import Floats

Method = Literal[
    "majority",
    "accuracy",
    "one-coin",
    "dawid-skene",
    "silent-dawid-skene",
    "judged-dawid-skene",
]
METHODS: tuple[Method, ...] = get_args(Method)
JUDGED: frozenset[Method] = frozenset({"accuracy", "judged-dawid-skene"})
"""Methods that need judged mentions; the others look at votes only."""
UNJUDGED = -1
_K = len(CLASSES)
_EQUAL = 0.7
_ITERATIONS = 50
_SILENT = _K


class FitError(ValueError):
    """A label model cannot be fitted; says what is missing and the remedy."""


def fit(
    method: Method,
    unit: Unit,
    votes: Votes,
    functions: Sequence[LabellingFunction],
    truth: npt.NDArray[np.int8] | None = None,
) -> LabelModel:
    """Fit a label model.

    Args:
        method: how; ``JUDGED`` ones need ``truth``.
        unit: who counts as one voter.
        votes: those of single functions, a row a mention.
        functions: the columns.
        truth: number of the judged class of each mention, ``UNJUDGED`` where there is none.

    Raises:
        FitError: nobody votes on anything, or judged mentions are needed and missing.
        ModuleNotFoundError: crowd-kit is needed and missing.
    """
    own = votes_of(unit, votes, functions)
    if not (own != ABSTAIN).any():
        raise FitError("no labelling function votes on any mention; give posts that name positions")
    if method in JUDGED:
        if truth is None or not (truth != UNJUDGED).any():
            raise FitError(f"method {method!r} needs judged mentions; give judged posts")
        prior, likelihood = _WITH_TRUTH[method](own, truth)
    else:
        prior, likelihood = _WITHOUT[method](own)
    names = tuple(function.name for function in functions)
    return LabelModel(
        method, unit, names, names_of(unit, functions), prior, np.maximum(likelihood, FLOOR)
    )


def fit_posts(method: Method, unit: Unit, posts: Iterable[JudgedPost]) -> LabelModel:
    """Fit a label model on the mentions of posts; undecided ones count as not judged.

    Raises:
        FitError: as ``fit``.
    """
    functions = load()
    mentions: list[SeenMention] = []
    truth: list[int] = []
    for post in posts:
        mentions.extend(post.read.seen.mentions)
        named = map(class_of, post.labels)
        truth.extend(UNJUDGED if name is None else CLASSES.index(name) for name in named)
    votes = classes(cast(functions, mentions), len(functions))
    return fit(method, unit, votes, functions, np.array(truth, dtype=np.int8))


def _coins(accuracies: Floats) -> Floats:
    """Return likelihoods of voters that err evenly between the other classes."""
    kept = np.clip(accuracies, FLOOR, 1 - FLOOR)[:, None, None]
    return np.asarray(np.where(np.eye(_K, dtype=bool)[None], kept, (1 - kept) / (_K - 1)))


def _flat() -> Floats:
    return np.full(_K, 1 / _K)


def _majority(votes: Votes) -> tuple[Floats, Floats]:
    """Every voter is right equally often; the most votes win."""
    return _flat(), _coins(np.full(votes.shape[1], _EQUAL))


def _accuracy(votes: Votes, truth: npt.NDArray[np.int8]) -> tuple[Floats, Floats]:
    """Each voter's accuracy on judged mentions, one right and one wrong vote added."""
    judged = votes[truth != UNJUDGED]
    voted = judged != ABSTAIN
    right = voted & (judged == truth[truth != UNJUDGED, None])
    return _flat(), _coins((right.sum(axis=0) + 1) / (voted.sum(axis=0) + 2))


def _one_coin(votes: Votes) -> tuple[Floats, Floats]:
    """crowd-kit's one-coin Dawid-Skene."""
    with _quiet():
        from crowdkit.aggregation import OneCoinDawidSkene

        found = OneCoinDawidSkene(n_iter=_ITERATIONS).fit(_frame(votes))
    skills: Mapping[int, float] = found.skills_.to_dict()
    accuracies = np.array([skills.get(at, 1 / _K) for at in range(votes.shape[1])])
    return _prior(found.priors_), _coins(accuracies)


def _dawid_skene(votes: Votes) -> tuple[Floats, Floats]:
    """crowd-kit's Dawid-Skene without any judgement."""
    with _quiet():
        from crowdkit.aggregation import DawidSkene

        found = DawidSkene(n_iter=_ITERATIONS).fit(_frame(votes))
    return _prior(found.priors_), _matrices(found.errors_, votes.shape[1])


def _silent_dawid_skene(votes: Votes) -> tuple[Floats, Floats]:
    """crowd-kit's Dawid-Skene with silence as an answer."""
    return _with_silence(votes, np.full(len(votes), UNJUDGED, dtype=np.int8))


def _judged_dawid_skene(votes: Votes, truth: npt.NDArray[np.int8]) -> tuple[Floats, Floats]:
    """crowd-kit's Dawid-Skene with silence as an answer, judged mentions held at their labels."""
    return _with_silence(votes, truth)


def _with_silence(votes: Votes, truth: npt.NDArray[np.int8]) -> tuple[Floats, Floats]:
    asked = (votes != ABSTAIN).any(axis=1)
    votes, truth = votes[asked], truth[asked]
    with _quiet():
        import pandas as pd
        from crowdkit.aggregation import DawidSkene

        width = votes.shape[1]
        frame = pd.DataFrame(
            {
                "task": np.repeat(np.arange(len(votes)), width),
                "worker": np.tile(np.arange(width), len(votes)),
                "label": np.where(votes == ABSTAIN, _SILENT, votes).ravel().astype(np.int64),
            }
        )
        model = DawidSkene(n_iter=_ITERATIONS, initial_error_strategy="assign")
        judged = np.nonzero(truth != UNJUDGED)[0]
        known = pd.Series(truth[judged].astype(np.int64), index=judged) if len(judged) else None
        found = model.fit(frame, true_labels=known, initial_error=_first_guess(votes))
    return _prior(found.priors_), _matrices(found.errors_, width)


def _first_guess(votes: Votes) -> pd.DataFrame:
    """Return where Dawid-Skene starts: voters mostly right, equally often silent in each class.

    No mention can be of the class "silent": there every voter would have to say H.
    """
    import pandas as pd

    index = pd.MultiIndex.from_product(
        [range(votes.shape[1]), range(_K + 1)], names=["worker", "label"]
    )
    table = np.zeros((votes.shape[1], _K + 1, _K + 1))
    speaks = (votes != ABSTAIN).mean(axis=0)
    for voter, share in enumerate(speaks):
        table[voter, :_K, :_K] = share * _coins(np.array([_EQUAL]))[0]
        table[voter, _SILENT, :_K] = 1 - share
    table[:, 0, _SILENT] = 1.0
    return pd.DataFrame(table.reshape(-1, _K + 1), index=index, columns=range(_K + 1))


_WITHOUT: dict[str, Callable[[Votes], tuple[Floats, Floats]]] = {
    "majority": _majority,
    "one-coin": _one_coin,
    "dawid-skene": _dawid_skene,
    "silent-dawid-skene": _silent_dawid_skene,
}
_WITH_TRUTH: dict[str, Callable[[Votes, npt.NDArray[np.int8]], tuple[Floats, Floats]]] = {
    "accuracy": _accuracy,
    "judged-dawid-skene": _judged_dawid_skene,
}


def _frame(votes: Votes) -> pd.DataFrame:
    import pandas as pd

    task, worker = np.nonzero(votes != ABSTAIN)
    label = votes[task, worker].astype(np.int64)
    return pd.DataFrame({"task": task, "worker": worker, "label": label})


def _prior(found: pd.Series | None) -> Floats:
    shares: Mapping[int, float] = {} if found is None else found.to_dict()
    return np.array([max(shares.get(at, 0.0), FLOOR) for at in range(_K)])


def _matrices(errors: pd.DataFrame | None, voters: int) -> Floats:
    likelihood = np.full((voters, _K, _K), 1 / _K)
    if errors is None:
        return likelihood
    for voter in {voter for voter, _ in errors.index}:
        likelihood[voter] = 0.0
    for (voter, vote), row in errors.iterrows():
        for truth in range(_K if vote < _K else 0):
            likelihood[voter, truth, vote] = row.get(truth, 0.0)
    return likelihood


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence crowd-kit: pandas 3 deprecates a keyword that it still gives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
