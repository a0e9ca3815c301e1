# %% [markdown]
"""Over-fitting, rule by rule: when each alert rule speaks, and by which numbers.

One network of 270,000 weights learns clothes from 500 photographs, twice: with their own labels, then with three in
ten drawn anew at random. In both runs the validation cross-entropy rises while that of the training falls. The
first model only becomes too sure of decisions that stay good, and one number mends it; the second learns wrong
labels by heart, and nothing but an earlier epoch does. The accuracy alone, or the loss alone, does not tell the two
apart; the rules `loss-accuracy-divergence` and `overfitting` do.
"""

# %%
import argparse
import gzip
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read by TensorFlow when Keras imports it

import keras
import numpy as np

from xent_monitor import AlertEngine, XentMonitor, default_rules

# %% active="ipynb"
# from xent_monitor import plots
#
# if Path.cwd().name == "notebooks":  # logs/ is in the root of the repository
#     os.chdir("../..")

# %%
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
parser.add_argument("--epochs", type=int, default=60)
parser.add_argument("--log-dir", type=Path, default=Path("logs/overfitting"))
args, _ = parser.parse_known_args()  # in a notebook, the command line is that of its kernel
if not args.data.is_dir():
    raise SystemExit(f"{args.data} is not there. On Debian: apt-get install dataset-fashion-mnist")


def photographs(part, count):
    """The first photographs of a part of Fashion-MNIST, 28 x 28 grey values in [0, 1], and their classes."""

    def numbers(name, header):
        return np.frombuffer(gzip.open(args.data / name).read(), np.uint8, offset=header)

    images = numbers(f"{part}-images-idx3-ubyte.gz", header=16).reshape(-1, 28, 28)[:count]
    return images.astype("float32") / 255, numbers(f"{part}-labels-idx1-ubyte.gz", header=8)[:count].astype(int)


x, y = photographs("train", 500)
validation = photographs("t10k", 2000)
rng = np.random.default_rng(0)
wrong = np.where(rng.random(len(y)) < 0.3, rng.integers(10, size=len(y)), y)

# %% [markdown]
"""
The network is far too large for 500 images, on purpose. `monitor.reports` has what each epoch says of both passes, and
the log directory the same for TensorBoard and for `xent-monitor report`.
"""


# %%
def train(labels, name):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(256, activation="relu") for _ in range(2)]
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), *layers, keras.layers.Dense(10)])
    model.compile(keras.optimizers.Adam(0.001), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    monitor = XentMonitor(args.log_dir / name)
    model.fit(x, labels, 50, args.epochs, validation_data=validation, callbacks=[monitor], verbose=0)
    return monitor


# %% [markdown]
"""
A rule is `inactive`, then `pending` while its condition holds but not yet for long enough, then `firing`. An
`AlertEngine` judges reports, wherever they come from, so that a run can be told again epoch by epoch.

Read the columns like this. **Rise**: how far the validation cross-entropy is above its best; only 0.1 of the prior
entropy (0.23 nats for ten equal classes) counts, and 3 standard errors. **Tempered**: how far what is left after
the best temperature is above its own best; that part is lost, the rest is over-confidence. **Accuracy**: how far it
is below its best, and twice its standard error.
"""


# %%
def tell(reports):
    engine, before = AlertEngine(default_rules()), {}
    seen = []
    print("                                                            accuracy:")
    print("epoch  training  validation   rise  tempered  temperature   below best (noise)  rules")
    for training, now in zip(reports[::2], reports[1::2], strict=True):
        engine.evaluate([training, now])
        seen.append(now)
        states = {rule: state.name.lower() for (rule, _), state in engine.states().items()}
        changes = [f"{rule} {state}" for rule, state in states.items() if state != before.get(rule, "inactive")]
        before = states
        if changes or now.epoch % 10 == 0 or now is reports[-1]:
            rise = now.cross_entropy - min(report.cross_entropy for report in seen)
            lost = now.tempered_cross_entropy - min(report.tempered_cross_entropy for report in seen)
            best = max(report.accuracy for report in seen)
            noise = 2 * (best * (1 - best) / now.num_examples) ** 0.5
            print(
                f"{now.epoch:5} {training.cross_entropy:9.3f} {now.cross_entropy:11.3f} {rise:6.2f} {lost:9.2f} "
                f"{now.temperature:12.2f} {now.accuracy:7.3f} {best - now.accuracy:6.3f} ({noise:.3f})     "
                + f"\n{'':80}".join(changes)
            )


own = train(y, "own_labels")
tell(own.reports)

# %% active="ipynb"
# plots.loss_and_accuracy(own.reports)

# %% [markdown]
"""
First comes the hint `miscalibrated`: the model is too sure. Much later the loss has risen by enough to matter, and
`loss-accuracy-divergence` fires: the accuracy is within the noise of its best, and almost nothing of the rise is left
after a temperature. (`overfitting` may be pending after an epoch that decides worse than the noise allows.)

Now the same photographs, three in ten of them with a label drawn at random:
"""

# %%
noisy = train(wrong, "wrong_labels")
tell(noisy.reports)

# %% active="ipynb"
# plots.loss_and_accuracy(noisy.reports)

# %% [markdown]
"""
Here the rise is not only confidence: the accuracy falls below its best by more than the noise, and what the temperature
leaves of the rise is lost. `overfitting` fires.

What acting on it gives. On the left what the training ends with, then what its logits cost once they are divided by the
temperature, then the epoch with the least cross-entropy, which `EarlyStopping(restore_best_weights=True)` keeps:
"""


# %%
def compare(title, monitor):
    validations = [report for report in monitor.reports if report.split == "validation"]
    last, best = validations[-1], min(validations, key=lambda report: report.cross_entropy)
    print(f"{title:13} {last.cross_entropy:13.2f} {last.tempered_cross_entropy:13.2f} {best.cross_entropy:13.2f}")
    print(f"{'  accuracy':13} {last.accuracy:13.1%} {last.accuracy:13.1%} {best.accuracy:13.1%}")


print("cross-entropy    last epoch   its logits    best epoch")
print("                              tempered")
compare("own labels", own)
compare("wrong labels", noisy)

# %% [markdown]
"""
For the first model the temperature is enough, and the last epoch is as good as the best one. For the second, only
the earlier epoch has the decisions back. (The temperature is fitted on the examples that it is judged on here;
`fashion_mnist` judges it on others.)
"""
