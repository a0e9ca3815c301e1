# %% [markdown]
"""A class that the accuracy hides: sensor readings of a space shuttle, seven classes, from 45,586 examples to 10.

The model is right in 99 of 100 cases, and finds none of some classes. What one learns: to read each class beside
what a guess by its share would cost; why the built-in rule `neglected-class` is silent here, and how a rule of
one's own speaks; what weights by class give, and what they take.
"""

# %%
import argparse
import csv
import os
import textwrap
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it

import keras
import numpy as np
from sklearn.model_selection import train_test_split

from xent_monitor import AlertRule, XentMonitor, default_rules, interpret

# %% active="ipynb"
# from xent_monitor import plots
#
# if Path.cwd().name == "notebooks":  # data/ and logs/ are in the root of the repository
#     os.chdir("../..")

# %%
HOW_TO_GET = """{path} is not there. On Debian, `make data` fetches it (1 MB). Elsewhere:
    it is data/Shuttle.rda of the R package mlbench, as CSV with a header, V1 to V9 and Class"""

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", type=Path, default=Path("data/shuttle.csv"))
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--log-dir", type=Path, default=Path("logs/shuttle"))
args, _ = parser.parse_known_args()  # in a notebook, the command line is that of its kernel
if not args.data.is_file():
    raise SystemExit(HOW_TO_GET.format(path=args.data))

with args.data.open(encoding="utf-8", newline="") as file:
    _, *rows = csv.reader(file)
classes, labels, counts = np.unique([row[-1] for row in rows], return_inverse=True, return_counts=True)
order = np.argsort(-counts)  # the most frequent class is class 0
names, y = classes[order].tolist(), np.argsort(order)[labels]
x = np.array([row[:-1] for row in rows], "float32")
x = (x - x.mean(axis=0)) / x.std(axis=0)
x, xv, y, yv = train_test_split(x, y, test_size=0.25, stratify=y, random_state=0)

# %% [markdown]
"""
The built-in rules look for classes that cost *more than a guess by their share*. A class that is honestly thought to be
rare is none of these, even if it is never found. Whoever needs to find it says so, in a rule:
"""

# %%
never_found = AlertRule(
    name="never-found",
    quantity="class_recall",
    below=0.05,
    for_=3,
    min_support=10,  # of fewer, chance may miss all
    message="Class {class_name} is found in {value:.0%} of its examples.",
)


def train(name, class_weight=None):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(16, activation="relu"), keras.layers.Dense(len(names), activation="softmax")]
    model = keras.Sequential([keras.Input(x.shape[1:]), *layers])
    model.compile(keras.optimizers.Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
    monitor = XentMonitor(args.log_dir / name, class_names=names, rules=[*default_rules(), never_found])
    fit = {"validation_data": (xv, yv), "class_weight": class_weight, "callbacks": [monitor], "verbose": 0}
    model.fit(x, y, 512, args.epochs, **fit)
    return monitor


plain = train("plain")
print("\n".join(textwrap.fill(line, 96) for line in interpret(plain.reports[-1], plain.reports[:-1]).splitlines()))

# %% [markdown]
"""
The accuracy is that of the frequent classes. Class by class: `guess` is the cross-entropy of one who knows only how
frequent the class is; below it the model knows something of the class, though it may never dare to name it.
"""


# %%
def by_class(monitor):
    last = monitor.reports[-1]
    print(f"accuracy {last.accuracy:.4f}, cross-entropy {last.cross_entropy:.3f} nats")
    print("class      examples  named  found  cross-entropy  guess")
    for k, name in enumerate(last.class_names):
        guess = -np.log(last.support[k] / last.num_examples)
        print(
            f"{name:10} {last.support[k]:8} {last.predicted[k]:6} {last.class_recall[k]:6.0%}"
            f" {last.class_cross_entropy[k]:14.2f} {guess:6.2f}"
        )
    print("alerts:")
    for event in monitor.alerts:
        told = f"  epoch {event.epoch}: {event.rule} {event.state}: {event.message}"
        print(textwrap.fill(told, 96, subsequent_indent="    "))


by_class(plain)

# %% active="ipynb"
# plots.class_bars(plain.reports[-1])

# %% [markdown]
"""
Weights say that a mistake on a rare class costs more. With weights of one over the share, all classes matter alike,
and a class of ten examples as much as one of 45,586; the square root of these is a compromise.
"""

# %%
shares = np.bincount(y) / len(y)
weighted = train("square_root", dict(enumerate((1 / shares) ** 0.5)))
by_class(weighted)
balanced = train("balanced", dict(enumerate(1 / shares)))
by_class(balanced)

# %% [markdown]
"""
The same epoch of each, class by class:
"""

# %%
print("found      examples  plain  square root  balanced")
for k, name in enumerate(names):
    found = [monitor.reports[-1].class_recall[k] for monitor in (plain, weighted, balanced)]
    print("{:10} {:8} {:6.0%} {:12.0%} {:9.0%}".format(name, plain.reports[-1].support[k], *found))
accuracies = [monitor.reports[-1].accuracy for monitor in (plain, weighted, balanced)]
print("{:10} {:8} {:6.1%} {:12.1%} {:9.1%}".format("accuracy", plain.reports[-1].num_examples, *accuracies))

# %% active="ipynb"
# plots.class_heatmap(weighted.reports)

# %% [markdown]
"""
All numbers as a table, one a row: what a class was found in, epoch by epoch, is one pivot away.
"""

# %% active="ipynb"
# table = weighted.to_dataframe(["class_recall"])
# table[table.split == "validation"].pivot(index="class", columns="epoch", values="value").loc[names].round(2)

# %% [markdown]
"""
And the run in one picture:
"""

# %% active="ipynb"
# weighted.plot()
