"""Tables of the settings as frozen models: one error for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


def read_table(model: type[Model], values: Mapping[str, Any], what: str) -> Model:
    """Return the model of a settings table.

    Args:
        model: what the table holds.
        values: its entries, as a file or a variable gives them.
        what: what an entry is, for the error: "entry of [fusion]".

    Raises:
        ValueError: names the entry that is wrong, and what it may be.
    """
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        if not name:
            raise ValueError(str(first["msg"]).removeprefix("Value error, ")) from None
        if name not in model.model_fields:
            known = ", ".join(model.model_fields)
            raise ValueError(f"{name} is no {what}; use one of {known}") from None
        raise ValueError(f"{name} = {first['input']!r}: {first['msg']}") from None
