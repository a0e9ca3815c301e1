"""Cases of the section "Several outputs"."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.support import data, networks
from tests.support.case import Case, Data, Reading

__all__ = ["CASES"]

_case = functools.partial(Case, section="Several outputs")

KIND, URGENT, SIZE, TAGS = (data.CLASSES, "softmax"), (1, "sigmoid"), (1, None), (data.LABELS, "sigmoid")
SPARSE, BINARY, SQUARES = "sparse_categorical_crossentropy", "binary_crossentropy", "mean_squared_error"
HEADS = {"kind": KIND, "urgent": URGENT, "size": SIZE}
LOSSES = {"kind": SPARSE, "urgent": BINARY, "size": SQUARES}


def _size(x: Any) -> np.ndarray:
    return np.asarray(x).sum(axis=-1, keepdims=True)


TARGETS: dict[str, Callable[[Any], np.ndarray]] = {
    "kind": data.classes,
    "urgent": data.positive_column,
    "size": _size,
    "tags": data.several,
}


def _parts(pack: Callable[[dict[str, Any]], Any], *names: str, weights: bool = False) -> dict[str, Data]:
    """Labels of each output, and weights, packed as the model wants them."""
    parts = data.vectors(lambda x: x)
    made = []
    for x in (part.x for part in parts):
        weight = {name: np.roll(data.weights(x), shift) for shift, name in enumerate(names)}
        made.append(Data(x, pack({name: TARGETS[name](x) for name in names}), pack(weight) if weights else None))
    return dict(zip(("train", "validation"), made, strict=True))


def _named(name: str, **settings: Any) -> Reading:
    """Reading of an output of a dictionary."""

    def get(structure: Any) -> Any:
        return None if structure is None else structure[name]

    task: Any = {"urgent": "binary", "tags": "multilabel"}.get(name, "multiclass")
    return Reading(task, name=name, **({"output": get, "target": get, "weight": get} | settings))


def _placed(name: str, place: int, **settings: Any) -> Reading:
    """Reading of an output of a list."""

    def get(structure: Any) -> Any:
        return None if structure is None else structure[place]

    return _named(name, **({"output": get, "target": get, "weight": get} | settings))


def _listed(structure: dict[str, Any]) -> list[Any]:
    return list(structure.values())


def _nested(structure: dict[str, Any]) -> dict[str, Any]:
    (name, first), *others = structure.items()
    return {name: first, "others": dict(others)}


def _nested_list(structure: dict[str, Any]) -> list[Any]:
    first, *others = structure.values()
    return [first, others]


def _structures() -> list[Case]:
    several = {"build": lambda: networks.heads("dict", **HEADS), "loss": LOSSES, "other_losses": True}
    nested = Reading(
        "multilabel",
        name="others/tags",
        output=lambda outputs: outputs["others"]["tags"],
        target=lambda y: y["others"]["tags"],
    )
    inner = [
        Reading(task, name=name, output=lambda o, at=at: o[1][at], target=lambda y, at=at: y[1][at])
        for at, (name, task) in enumerate((("1/tags", "multilabel"), ("1/urgent", "binary")))
    ]
    return [
        _case(
            "outputs in a dictionary, one a regression that is left out",
            readings=(_named("kind"), _named("urgent")),
            **several,
            **_parts(dict, *HEADS),
        ),
        _case(
            "outputs in a list, losses in a list, `class_names` for each output",
            monitor={"class_names": {"kind": ["a", "b", "c", "d"], "urgent": ["no", "yes"]}},
            build=lambda: networks.heads("list", kind=KIND, urgent=URGENT),
            loss=[SPARSE, BINARY],
            readings=(_placed("kind", 0), _placed("urgent", 1)),
            **_parts(_listed, "kind", "urgent"),
        ),
        _case(
            "outputs in a list, losses and labels by name",
            build=lambda: networks.heads("list", kind=KIND, urgent=URGENT),
            loss={"kind": SPARSE, "urgent": BINARY},
            readings=tuple(
                _named(name, output=lambda outputs, place=place: outputs[place])
                for place, name in enumerate(("kind", "urgent"))
            ),
            **_parts(dict, "kind", "urgent"),
        ),
        _case(
            "a dictionary in a dictionary",
            build=lambda: networks.heads("nested", kind=KIND, tags=TAGS),
            loss={"kind": SPARSE, "others": {"tags": BINARY}},
            readings=(_named("kind"), nested),
            **_parts(_nested, "kind", "tags"),
        ),
        _case(
            "a list in a list",
            build=lambda: networks.heads("nested list", kind=KIND, tags=TAGS, urgent=URGENT),
            loss=[SPARSE, [BINARY, BINARY]],
            readings=(_placed("kind", 0), *inner),
            **_parts(_nested_list, "kind", "tags", "urgent"),
        ),
        _case(
            "a single output in a dictionary",
            build=lambda: networks.heads("dict", kind=KIND),
            loss={"kind": SPARSE},
            readings=(_alone("kind"),),
            **_parts(dict, "kind"),
        ),
    ]


def _one_trained() -> Any:
    """A model of which only one head trains: Keras warns of weights without a gradient."""
    model = networks.heads("dict", **HEADS)
    for name in ("urgent", "size"):
        model.get_layer(name).trainable = False
    return model


def _alone(name: str) -> Reading:
    """Reading of the only output, which has no name in reports."""
    return Reading(output=lambda outputs: outputs[name], target=lambda y: y[name])


def _choices() -> list[Case]:
    several = {"build": lambda: networks.heads("dict", **HEADS), "loss": LOSSES, "other_losses": True}
    return [
        _case(
            "a loss for some outputs only",
            build=_one_trained,
            loss={"kind": SPARSE},
            readings=(_named("kind"),),
            **_parts(dict, *HEADS),
        ),
        _case(
            '`outputs=["urgent"]`',
            monitor={"outputs": ["urgent"]},
            readings=(_named("urgent"),),
            **several,
            **_parts(dict, *HEADS),
        ),
        _case(
            "`loss_weights`, and a `sample_weight` for each output",
            build=lambda: networks.heads("dict", kind=KIND, urgent=URGENT),
            loss={"kind": SPARSE, "urgent": BINARY},
            compile={"loss_weights": {"kind": 0.25, "urgent": 3.0}},
            readings=(_named("kind", loss_weight=0.25), _named("urgent", loss_weight=3.0)),
            **_parts(dict, "kind", "urgent", weights=True),
        ),
    ]


CASES = [*_structures(), *_choices()]
