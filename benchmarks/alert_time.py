"""What the alert rules cost at the end of an epoch.

The built-in rules, and 20 rules of a user (levels, changes, relative to the best, for each class and for all), judge
reports of a training with many classes: noisy class cross-entropies that fall from epoch to epoch. Medians and maxima
over the epochs, in milliseconds.

    python benchmarks/alert_time.py --classes 10 1000
"""

import argparse
import dataclasses
import statistics
import time

import numpy as np

from xent_monitor import AlertEngine, AlertRule, ClassStatistics, EvaluationReport, default_rules

EXAMPLES_OF_A_CLASS = 50


def user_rules() -> list[AlertRule]:
    """Twenty rules of every kind."""
    rules = []
    for split in ("train", "validation"):
        common = {"split": split, "for_": 2}
        rules += [
            AlertRule(name=f"level-{split}", quantity="class_cross_entropy", above=6.0, **common),
            AlertRule(name=f"low-{split}", quantity="class_accuracy", below=0.02, min_support=20, **common),
            AlertRule(name=f"rise-{split}", quantity="class_cross_entropy", rises_by=0.5, over=3, **common),
            AlertRule(name=f"fall-{split}", quantity="class_accuracy", falls_by=0.2, over=2, **common),
            AlertRule(name=f"best-{split}", quantity="class_cross_entropy", above=0.5, relative_to="best", **common),
            AlertRule(name=f"all-{split}", quantity="class_accuracy", class_name="all", below=0.1, **common),
            AlertRule(
                name=f"prior-{split}", quantity="cross_entropy", above=1.0, relative_to="prior_entropy", **common
            ),
            AlertRule(name=f"accuracy-{split}", quantity="accuracy", below=0.5, after=3, **common),
            AlertRule(name=f"calibration-{split}", quantity="expected_calibration_error", above=0.1, **common),
            AlertRule(name=f"temperature-{split}", quantity="temperature", above=2.0, **common),
        ]
    return rules


def report(epoch: int, split: str, num_classes: int, generator: np.random.Generator) -> EvaluationReport:
    """A pass whose class cross-entropies scatter around a level that falls with the epochs."""
    support = np.full(num_classes, EXAMPLES_OF_A_CLASS)
    level = np.log(num_classes) * (0.3 + 0.7 * 0.9**epoch)
    mean = np.abs(level + generator.normal(0, level / np.sqrt(EXAMPLES_OF_A_CLASS), num_classes))
    correct = generator.binomial(support, np.exp(-level / 2))
    empty = ClassStatistics.empty("multiclass", num_classes, 15, per_class_confidence=False, confusion=False)
    sums = dataclasses.replace(
        empty,
        support=support,
        correct=correct,
        predicted=support,
        num_rows=int(support.sum()),
        num_batches=100,
        weight_sum=support,
        cross_entropy_sum=mean * support,
        cross_entropy_square_sum=2 * mean**2 * support,
        loss_sum=mean * support,
        weighted_loss_sum=mean * support,
        probability_sum=support,
        confidence_step_sum=0.1 * support.sum(),
    )
    return EvaluationReport(epoch, split, "", tuple(map(str, range(num_classes))), sums)


def main() -> None:
    """Print one line for each set of rules and number of classes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--classes", type=int, nargs="+", default=[10, 1000])
    parser.add_argument("--epochs", type=int, default=30)
    arguments = parser.parse_args()
    print(f"{'rules':24s} {'classes':>8s} {'median, ms':>11s} {'most, ms':>9s} {'events':>7s}")
    for name, rules in (("built-in", default_rules()), ("20 of a user", user_rules())):
        for num_classes in arguments.classes:
            generator = np.random.default_rng(0)
            engine, seconds, events = AlertEngine(rules), [], 0
            for epoch in range(arguments.epochs):
                reports = [report(epoch, split, num_classes, generator) for split in ("train", "validation")]
                started = time.perf_counter()
                events += len(engine.evaluate(reports))
                seconds.append(time.perf_counter() - started)
            median, most = 1e3 * statistics.median(seconds), 1e3 * max(seconds)
            print(f"{name:24s} {num_classes:8d} {median:11.1f} {most:9.1f} {events:7d}")


if __name__ == "__main__":
    main()
