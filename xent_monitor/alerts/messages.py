"""What an alert says where the user gave no words: one sentence with all its numbers.

>>> number(1.7341, 1.5), number(0.50004, 0.5), number(12.0)
('1.734', '0.50004', '12')
"""

from __future__ import annotations

import dataclasses
import functools
import math

from xent_monitor.interpretation import wording

__all__ = ["Sight", "end_of_diagnosis", "firing_message", "number", "place", "resolved_message"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sight:
    """The numbers behind one observation of a threshold rule."""

    rule: str
    quantity: str
    #: `"above"`, `"below"`, `"rises_by"` or `"falls_by"`.
    kind: str
    bound: float
    #: None, `"best"`, `"previous"` or `"prior_entropy"`.
    relative_to: str | None
    over: int
    epoch: int
    split: str
    output: str
    #: The class whose numbers these are, or None.
    class_name: str | None
    value: float
    #: What the value was compared with, in its unit.
    threshold: float
    #: The earlier value that the threshold is counted from; NaN where there is none.
    reference: float
    #: Where every class must cross the threshold: how many were judged; else 0.
    classes: int = 0


def firing_message(sight: Sight) -> str:
    """What was seen, and the threshold that it crossed."""
    of_rule = f"of rule {sight.rule}"
    where = place(sight.epoch, sight.split, sight.output)
    bound = number(abs(sight.bound))
    if sight.kind in ("rises_by", "falls_by"):
        verb = "rose" if sight.kind == "rises_by" else "fell"
        evaluations = wording.count(sight.over, "evaluation")
        change = number(abs(sight.value - sight.reference))
        text = (
            f"{_subject(sight)} {verb} from {number(sight.reference, sight.value)} to "
            f"{number(sight.value, sight.reference)} over {evaluations} {where}: "
            f"by {change}, the {bound} {of_rule} or more."
        )
    elif sight.relative_to in ("best", "previous"):
        which = "best value so far" if sight.relative_to == "best" else "value before"
        difference = number(abs(sight.value - sight.reference), abs(sight.bound))
        text = (
            f"{_subject(sight)} is {number(sight.value, sight.reference)} {where}: {difference} {sight.kind} the "
            f"{which}, {number(sight.reference, sight.value)}, more than the {bound} {of_rule}."
        )
    else:
        multiple = "" if sight.bound == 1 else f"{number(sight.bound)} times "
        times = f", {multiple}the prior entropy" if sight.relative_to else ""
        text = (
            f"{_subject(sight)} is {number(sight.value, sight.threshold)} {where}: "
            f"{sight.kind} the {number(sight.threshold, sight.value)} {of_rule}{times}."
        )
    if sight.classes:
        text += f" So it is for all {sight.classes} classes with enough support, and for this one by the least."
    return text


def resolved_message(sight: Sight) -> str:
    """That the rule no longer holds, with the value now."""
    where = place(sight.epoch, sight.split, sight.output)
    value, threshold = number(sight.value, sight.threshold), number(sight.threshold, sight.value)
    return f"Rule {sight.rule} no longer holds: {_subject(sight)} is {value} {where}, the threshold {threshold}."


def end_of_diagnosis(rule: str, class_name: str | None, where: str, value: float, threshold: float) -> str:
    """That a diagnosis no longer holds, with the value now where there is one.

    Example:
        >>> end_of_diagnosis("no-skill", None, place(6, "train", ""), 0.3, 0.05)
        'Rule no-skill no longer holds on train at epoch 6: the value is 0.3 now, the threshold 0.05.'
    """
    of_class = f" for class {wording.class_name(class_name)}" if class_name is not None else ""
    numbers = [] if math.isnan(value) else [f"the value is {number(value, threshold)} now"]
    numbers += [] if math.isnan(threshold) else [f"the threshold {number(threshold, value)}"]
    return f"Rule {rule} no longer holds{of_class} {where}{': ' if numbers else ''}{', '.join(numbers)}."


def place(epoch: int, split: str, output: str) -> str:
    """`on validation of output kind at epoch 3`."""
    of_output = f" of output {wording.class_name(output)}" if output else ""
    return f"on {split}{of_output} at epoch {epoch}"


def number(value: float, beside: float = math.nan) -> str:
    """A number with four digits, or as many more as it takes to tell it from the one `beside` it."""
    if float(value).is_integer() and abs(value) < 1e12:
        return f"{value:.0f}"
    for digits in range(4, 17):
        text = f"{value:.{digits}g}"
        if value == beside or text != f"{beside:.{digits}g}":
            break
    return text


def _subject(sight: Sight) -> str:
    if sight.class_name is None:
        return sight.quantity
    return f"{sight.quantity} of class {_written(sight.class_name)}"


#: A class name in a sentence; the same ones come every epoch, and looking at each of their letters takes its time.
_written = functools.lru_cache(maxsize=4096)(wording.class_name)
