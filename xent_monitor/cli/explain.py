"""`xent-monitor explain`: what a cross-entropy and an accuracy say, from the numbers alone or from predictions."""

from __future__ import annotations

import argparse
import json
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

from rich.console import RenderableType

from xent_monitor.alerts.explanation import Explanation, Numbers, explain
from xent_monitor.cli.exits import UNUSABLE
from xent_monitor.cli.explanation_text import cause_lines, exit_code, hanging, scale_lines
from xent_monitor.cli.terminal import complain, heading, paragraph, show
from xent_monitor.interpretation.wording import count, exact_nats, exact_percent
from xent_monitor.statistics import TASKS

__all__ = ["add_explain"]

EXAMPLES = """\
The cross-entropy is in nats, as Keras logs it, of hard labels and without
penalties.
A cause is named by the built-in rule that finds it in a training.

exit codes:
  0  no fault is likely
  1  a fault of severity warning or critical is likely or certain
  2  wrong use, or predictions that cannot be read

examples:
  xent-monitor explain --classes 10 --cross-entropy 2.31 --accuracy 0.11
  xent-monitor explain --prior 900,100 --cross-entropy 0.2 --accuracy 90%
  xent-monitor explain --classes 10 --cross-entropy 1.2 --accuracy 0.8 \\
      --train-cross-entropy 0.2 --train-accuracy 0.95 --examples 10000
  xent-monitor explain --predictions predictions.npz --class-names cat,dog,owl
"""

#: The most that a number is taken to be off for its decimals: that of two, the fewest that are commonly printed.
ROUNDING = 0.005


class Figure(NamedTuple):
    """A number as it was typed, and half a unit of its last decimal."""

    value: float
    half: float


def add_explain(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "explain",
        help="what a cross-entropy and an accuracy say about a model, without any log",
        description="Says what a cross-entropy and an accuracy tell of a model, what may be wrong,\nand what they do "
        "not tell: from the numbers alone, or from a file of\npredictions.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    numbers = parser.add_argument_group("from numbers")
    numbers.add_argument("--classes", type=_whole, metavar="K", help="number of classes (with --prior not needed)")
    numbers.add_argument("--cross-entropy", type=_figure, metavar="X", help="mean over the examples")
    numbers.add_argument("--accuracy", type=_share, metavar="X", help="share of right answers: 0.11 or 11%%")
    numbers.add_argument(
        "--prior", type=_list, metavar="A,B,...", help="share of each class in the labels, or examples of each"
    )
    numbers.add_argument("--examples", type=_whole, metavar="N", help="examples that the numbers are means over")
    numbers.add_argument("--confidence", type=_share, metavar="X", help="mean of the largest probability")
    numbers.add_argument("--train-cross-entropy", type=_figure, metavar="X", help="the same of the training pass")
    numbers.add_argument("--train-accuracy", type=_share, metavar="X", help="the same of the training pass")
    numbers.add_argument(
        "--label-smoothing", type=_figure, metavar="E", help="the cross-entropies are against labels smoothed by E"
    )
    numbers.add_argument("--bits", action="store_true", help="the cross-entropies are in bits")

    predictions = parser.add_argument_group("from predictions (needs Keras and its backend)")
    predictions.add_argument(
        "--predictions", metavar="FILE", help="npz, npy, csv or parquet with labels and probabilities or logits"
    )
    predictions.add_argument(
        "--logits", action="store_true", help="what FILE holds are logits, where it does not say so itself"
    )
    predictions.add_argument("--task", choices=TASKS, help="what the labels are, where their shape does not tell")
    predictions.add_argument("--class-names", metavar="A,B,...", help="names of the classes, where FILE has none")
    predictions.add_argument("--top", type=_whole, metavar="N", help="only the N classes that carry most of the loss")

    parser.add_argument("--json", action="store_true", help="all of it, machine-readable")
    parser.set_defaults(run=_explain)


# What is typed


def _figure(text: str) -> Figure:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number. Received: {text!r}.") from None
    decimals = re.fullmatch(r"\s*\d*\.(\d+)\s*", text)
    return Figure(value, min(0.5 * 10.0 ** -len(decimals[1]), ROUNDING) if decimals else ROUNDING)


def _share(text: str) -> Figure:
    number = text.strip().removesuffix("%")
    figure = _figure(number)
    if number == text.strip():
        return figure
    decimals = re.fullmatch(r"\s*\d*\.(\d+)\s*", number)
    return Figure(figure.value / 100, 0.5 * 10.0 ** -(len(decimals[1]) + 2) if decimals else ROUNDING)


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]+", text.strip()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be an integer >= 1. Received: {text!r}.")
    return int(text)


def _list(text: str) -> tuple[float, ...]:
    return tuple(_share(part).value for part in text.split(","))


#: Options of each way to use the command.
OF_NUMBERS = (
    "classes",
    "cross_entropy",
    "accuracy",
    "prior",
    "examples",
    "confidence",
    "train_cross_entropy",
    "train_accuracy",
    "label_smoothing",
    "bits",
)
OF_PREDICTIONS = ("logits", "task", "class_names", "top")


def _explain(arguments: argparse.Namespace) -> int:
    misplaced = OF_NUMBERS if arguments.predictions is not None else OF_PREDICTIONS
    given = [_option(name) for name in misplaced if getattr(arguments, name) not in (None, False)]
    if given:
        rule = "cannot be used with --predictions" if arguments.predictions is not None else "needs --predictions"
        complain(f"xent-monitor: {given[0]} {rule}.")
        return UNUSABLE
    if arguments.predictions is not None:
        from xent_monitor.cli.explain_predictions import explain_predictions

        return explain_predictions(arguments)
    return _explain_numbers(arguments)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _explain_numbers(arguments: argparse.Namespace) -> int:
    classes = arguments.classes or len(arguments.prior or ())
    missing = [_option(name) for name in ("cross_entropy", "accuracy") if getattr(arguments, name) is None]
    missing = ([] if classes else ["--classes"]) + missing
    if missing:
        complain(f"xent-monitor: {', '.join(missing)} must be given, or --predictions FILE.")
        return UNUSABLE
    try:
        explanation = explain(_numbers(arguments, classes))
    except ValueError as error:
        for line in str(error).splitlines():
            complain(f"xent-monitor: {_in_options(line)}")
        return UNUSABLE
    code = arguments.exit_code = exit_code(explanation)
    if arguments.json:
        print(json.dumps(explanation.to_dict(), ensure_ascii=False))
    else:
        show(*_sections(explanation, bits=arguments.bits))
    return code


def _numbers(arguments: argparse.Namespace, classes: int) -> Numbers:
    unit = math.log(2) if arguments.bits else 1.0

    def value(name: str) -> float | None:
        figure: Figure | None = getattr(arguments, name)
        return None if figure is None else figure.value

    train = value("train_cross_entropy")
    return Numbers(
        num_classes=classes,
        cross_entropy=arguments.cross_entropy.value * unit,
        accuracy=arguments.accuracy.value,
        prior=arguments.prior,
        examples=arguments.examples,
        train_cross_entropy=None if train is None else train * unit,
        train_accuracy=value("train_accuracy"),
        confidence=value("confidence"),
        label_smoothing=value("label_smoothing") or 0.0,
        cross_entropy_rounding=arguments.cross_entropy.half * unit,
        accuracy_rounding=arguments.accuracy.half,
        confidence_rounding=0.0 if arguments.confidence is None else arguments.confidence.half,
    )


def _in_options(message: str) -> str:
    """A message about arguments of `Numbers`, about options instead."""
    message = message.replace("num_classes", "classes")
    message = re.sub(r"Write (\S+) percent as (\S+)\.$", r"Write \1 percent as \2 or \1%.", message)
    return re.sub(r"`(\w+)`", lambda name: _option(name[1]), message)


# What is printed


def _sections(explanation: Explanation, *, bits: bool) -> Iterator[RenderableType]:
    numbers = explanation.numbers
    unit = f" ({exact_nats(numbers.cross_entropy / math.log(2))} bits)" if bits else ""
    smoothed = f", labels smoothed by {numbers.label_smoothing:g}" if numbers.label_smoothing else ""
    # Both leave no room for the word on a line of 80 columns.
    of = "" if unit and smoothed else "cross-entropy "
    yield heading(
        f"{count(numbers.num_classes, 'class', 'classes')}, {of}{exact_nats(numbers.cross_entropy)}"
        f" nats{unit}, accuracy {exact_percent(numbers.accuracy)}{smoothed}"
    )
    yield from ("", paragraph(explanation.verdict, "bold"))
    yield from ("", heading("Where it stands, in nats", "-"), *scale_lines(explanation))
    yield from _listed("What the two say together", explanation.together)
    yield from _listed("Beside the training", explanation.training)
    if explanation.causes:
        yield from cause_lines(explanation)
    else:
        yield from ("", paragraph("No fault that the built-in rules know speaks from these numbers."))
    yield from _listed("What these numbers do not tell", explanation.unknown)


def _listed(title: str, sentences: tuple[str, ...]) -> Iterator[RenderableType]:
    if sentences:
        yield from ("", heading(title, "-"))
        yield from (hanging("- ", sentence) for sentence in sentences)
